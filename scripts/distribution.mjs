// `npm run distribution -- FOLDER`: the built product as one folder that runs wherever it is put. What changed is built first.
// Needs the repository's dependencies; runs on Node 20.
import { resolve } from "node:path";
import { buildAll } from "./library/bundles.mjs";
import { assemble } from "./library/distribution.mjs";
import { repository, runScript, SetupError, step } from "./library/steps.mjs";

await runScript(async () => {
  const [folder, ...others] = process.argv.slice(2);
  if (folder === undefined || folder.startsWith("-") || others.length > 0) {
    throw new SetupError("One folder is needed.", "E.g. npm run distribution -- /opt/waiide");
  }
  const target = resolve(process.env.INIT_CWD ?? process.cwd(), folder);
  await buildAll();
  await step(`Assemble ${target}`, async () => assemble(repository, target));
  return 0;
});
