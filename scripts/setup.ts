// `npm run setup`: makes the repository ready to start: what is built, and an IDE server. The bootstrap has installed the
// dependencies before. Work that is done is not repeated; half-done work is.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { repository, run, runScript, SetupError } from "./bootstrap/steps.mjs";
import { buildIfChanged, extensionBundle, forget, gatewayBundle, workbenchBundle } from "./product/bundles.ts";

/** The `waiide` command of the repository. */
export const launcher = join(repository, "packages", "gateway", "bin", "waiide");

const imageIdeServer = "/opt/calliope/WAIIDE-server";

/** Makes everything ready. `ideServer: false` where the user names an IDE server of their own. */
export async function setup({ ideServer = true } = {}): Promise<void> {
  const built = await buildIfChanged(gatewayBundle);
  await buildIfChanged(extensionBundle);
  await buildIfChanged(workbenchBundle);
  if (!ideServer || (!built && ideServerInstalled())) return;
  try {
    await installIdeServer();
  } catch (error) {
    // A new build may need a newer IDE server than the installed one, so the next try has to check again.
    forget(gatewayBundle);
    throw error;
  }
}

/** The folder of the IDE server that `setup` uses or installs. */
export function ideServerFolder(): string {
  if (process.env.WAIIDE_SERVER_ROOT) return process.env.WAIIDE_SERVER_ROOT;
  if (existsSync(imageIdeServer)) return imageIdeServer;
  return join(process.env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "waiide", "ide-server");
}

function isOwnOrInImage(): boolean {
  return Boolean(process.env.WAIIDE_SERVER_ROOT) || existsSync(imageIdeServer);
}

/** Only whether there is one: `waiide` itself reports what is wrong with it. */
function ideServerInstalled(): boolean {
  if (isOwnOrInImage()) return true;
  const folder = ideServerFolder();
  return existsSync(join(folder, "product.json")) && existsSync(join(folder, ".compressed", "manifest.json"));
}

async function installIdeServer(): Promise<void> {
  if (isOwnOrInImage()) return;
  const { code } = await run(launcher, ["ide", "install"], { show: true });
  if (code !== 0) {
    throw new SetupError(
      "There is no IDE server yet.",
      "Follow the advice above, then run the same command again; or use your own: WAIIDE_SERVER_ROOT=FOLDER npm start.",
    );
  }
}

if (import.meta.main) {
  await runScript(async () => {
    await setup();
    console.log("Ready. “npm start” starts WAIIDE.");
    return 0;
  });
}
