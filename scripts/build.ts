// `npm run build`: builds what changed.

import { runScript } from "./bootstrap/steps.mjs";
import { buildAll } from "./product/bundles.ts";

await runScript(async () => {
  await buildAll();
  return 0;
});
