// “waiide ide install” for the build of the image. A separate program, so that changes elsewhere do not install the IDE server
// again.
import { parseArgs } from "node:util";
import { GatewayError } from "../base/errors.ts";
import { ProgressLine } from "../cli/progress-line.ts";
import { imageIdeServer } from "../config/paths.ts";
import { installIdeServer } from "../ide/install/install.ts";
import { settleIdeServer } from "./settle-ide.ts";

main().catch((error: unknown) => {
  if (!(error instanceof GatewayError)) throw error;
  process.stderr.write(`${error.message}\n  ${error.action} (${error.code})\n`);
  process.exitCode = error.exit;
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      from: { type: "string", default: "npm" },
      to: { type: "string", default: imageIdeServer },
    },
  });
  const progress = new ProgressLine(process.stderr);
  const { ideServer } = await installIdeServer({ ...values, onProgress: (step) => progress.update(step) });
  progress.close("done");
  await settleIdeServer(ideServer);
}
