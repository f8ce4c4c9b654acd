import { installedIdeServer } from "../config/paths.ts";
import type { IdeServer } from "../ide/install/ide-server.ts";
import { installIdeServer } from "../ide/install/install.ts";
import { ProgressLine } from "./progress-line.ts";
import { stoppable } from "./stop-signals.ts";

export interface InstallFlags {
  readonly from: string;
  readonly to?: string;
  readonly force?: true;
}

/** “waiide ide install”: prints the steps to standard error, and the result to standard output. */
export async function install(flags: InstallFlags): Promise<void> {
  const to = flags.to ?? installedIdeServer(process.env);
  const progress = new ProgressLine(process.stderr);
  const work = async (signal: AbortSignal) => {
    try {
      const { ideServer, outcome } = await installIdeServer({
        from: flags.from,
        to,
        force: flags.force === true,
        onProgress: (step) => progress.update(step),
        signal,
      });
      progress.close("done");
      const state = outcome === "present" ? "is installed already" : "is installed";
      console.log(`${inWords(ideServer)} ${state} in ${ideServer.folder}.`);
      if (flags.to !== undefined) console.log(`Start it with: waiide --ide-server ${ideServer.folder}`);
    } catch (error) {
      progress.close("failed");
      throw error;
    }
  };
  await stoppable(work, () => console.error("Stopped. What was there before is unchanged."));
}

function inWords({ distribution, release, version }: IdeServer): string {
  const own = release === version ? "" : ` (VS Code ${version})`;
  const untested = distribution.tested ? "" : ", which is not tested with WAIIDE,";
  return `${distribution.name} ${release}${own}${untested}`;
}
