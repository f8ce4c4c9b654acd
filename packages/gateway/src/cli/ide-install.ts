import { installedIdeServer } from "../config/paths.ts";
import type { IdeServer } from "../ide/install/ide-server.ts";
import { installIdeServer } from "../ide/install/install.ts";
import { ProgressLine } from "./progress-line.ts";

export interface InstallFlags {
  readonly from: string;
  readonly to?: string;
  readonly force?: true;
}

/** Exit codes after a signal (128 + its number), as in shells. */
const signalExits = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** “waiide ide install”: prints the steps to standard error, and the result to standard output. */
export async function install(flags: InstallFlags): Promise<void> {
  const to = flags.to ?? installedIdeServer(process.env);
  const progress = new ProgressLine(process.stderr);
  const stop = new AbortController();
  const listeners = Object.keys(signalExits).map((name) => {
    const listener = () => stop.abort(name);
    process.on(name, listener);
    return { name, listener };
  });
  try {
    const { ideServer, outcome } = await installIdeServer({
      from: flags.from,
      to,
      force: flags.force === true,
      onProgress: (step) => progress.update(step),
      signal: stop.signal,
    });
    progress.close("done");
    const state = outcome === "present" ? "is installed already" : "is installed";
    console.log(`${inWords(ideServer)} ${state} in ${ideServer.folder}.`);
    if (flags.to !== undefined) console.log(`Start it with: waiide --ide-server ${ideServer.folder}`);
  } catch (error) {
    progress.close("failed");
    if (!stop.signal.aborted) throw error;
    console.error("Stopped. What was there before is unchanged.");
    process.exitCode = signalExits[stop.signal.reason as keyof typeof signalExits];
  } finally {
    for (const { name, listener } of listeners) process.off(name, listener);
  }
}

function inWords({ distribution, release, version }: IdeServer): string {
  const own = release === version ? "" : ` (VS Code ${version})`;
  const untested = distribution.tested ? "" : ", which is not tested with WAIIDE,";
  return `${distribution.name} ${release}${own}${untested}`;
}
