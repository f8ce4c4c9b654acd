// `npm run test:deploy`: the image as its Dockerfile builds it, alone and behind a real hub with DockerSpawner.
import { whyNoContainers } from "./containers.mjs";
import { environment, run, runScript, SetupError } from "./library/steps.mjs";
import { setup } from "./setup.mjs";

await runScript(async () => {
  const reason = whyNoContainers();
  if (reason !== undefined) throw new SetupError(`The image cannot be tested here: ${reason}.`, "Then try again.");
  await setup();
  const { code } = await run("vitest", ["run", "--project", "deploy", ...process.argv.slice(2)], {
    show: true,
    env: environment,
  });
  return code;
});
