// `npm run build`: builds what changed. Runs on Node 20 without any dependency.
import { buildIfChanged, gatewayBundle, workbenchBundle } from "./library/bundles.mjs";
import { runScript } from "./library/steps.mjs";

await runScript(async () => {
  await buildIfChanged(gatewayBundle);
  await buildIfChanged(workbenchBundle);
  return 0;
});
