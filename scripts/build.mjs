// `npm run build`: builds what changed. Runs on Node 20 without any dependency.
import { buildAll } from "./library/bundles.mjs";
import { runScript } from "./library/steps.mjs";

await runScript(async () => {
  await buildAll();
  return 0;
});
