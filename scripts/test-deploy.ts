// `npm run test:deploy`: tests the image as its Dockerfile builds it, alone and behind a real hub with DockerSpawner.
import { environment, run, runScript, SetupError } from "./bootstrap/steps.mjs";
import { whyNoContainers } from "./environments/containers.ts";
import { setup } from "./setup.ts";

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
