// `npm run test:late -- integration [FILE…]`: tests while file events, data and file accesses come late, at random.
import { fileURLToPath } from "node:url";
import { environment, run, runScript } from "./bootstrap/steps.mjs";
import { setup } from "./setup.ts";

await runScript(async () => {
  await setup();
  const [project = "integration", ...files] = process.argv.slice(2);
  const late = fileURLToPath(new URL("../test/support/late.ts", import.meta.url));
  const { code } = await run("vitest", ["run", "--project", project, ...files], {
    show: true,
    env: { ...environment, NODE_OPTIONS: `--import=${late}` },
  });
  return code;
});
