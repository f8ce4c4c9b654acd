import { GatewayError } from "../base/errors.ts";
import { loadConfig } from "../config/config.ts";
import { defaultInputs } from "../config/inputs.ts";
import { inspectIdeServer } from "../ide/install/ide-server.ts";
import { compressStaticFiles } from "../ide/static/compress.ts";
import { ProgressLine } from "./progress-line.ts";

export interface CompressFlags {
  readonly ideServer?: string;
  readonly to?: string;
}

/** “waiide ide compress”: the last step of “ide install”, for IDE servers that were installed in another way. */
export async function compress({ ideServer, to }: CompressFlags): Promise<void> {
  const server = await inspectIdeServer(ideServer ?? loadConfig(defaultInputs(new Map())).ideServer);
  if (server instanceof GatewayError) throw server;
  const progress = new ProgressLine(process.stderr);
  const { folder, files } = await compressStaticFiles(server, {
    to,
    onProgress: (fraction) => progress.update({ step: "compressing static files", index: 1, total: 1, fraction }),
  });
  progress.close("done");
  console.log(`${files.size} files are compressed in ${folder}.`);
}
