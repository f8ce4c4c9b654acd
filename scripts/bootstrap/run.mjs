// `node scripts/bootstrap/run.mjs FILE.ts [argument …]`: what every npm script of this repository goes through. Installs the
// dependencies if they are missing or outdated, then runs the file with the Node 24 that they bring. Runs on Node 20
// without any dependency, as everything in this folder.
import { installDependenciesIfNeeded } from "./dependencies.mjs";
import { run, runScript } from "./steps.mjs";

await runScript(async () => {
  await installDependenciesIfNeeded();
  const { code } = await run("node", process.argv.slice(2), { show: true });
  return code;
});
