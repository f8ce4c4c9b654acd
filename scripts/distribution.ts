// `npm run distribution -- FOLDER`: the built product as one folder that runs from any place. Builds what changed first.
import { resolve } from "node:path";
import { repository, runScript, SetupError, step } from "./bootstrap/steps.mjs";
import { buildAll } from "./product/bundles.ts";
import { assemble } from "./product/distribution.ts";

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
