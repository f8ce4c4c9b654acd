import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError, reasonOf } from "../base/errors.ts";

/** The kernel's limit is 108 bytes with the final NUL (unix(7)); some programs need a few themselves. */
const maxSocketPathLength = 100;
const maxSocketNameLength = "/control.sock".length;

/** A new folder for unix sockets, mode 0700. It is never in the home folder: network file systems cannot hold sockets. */
export class RuntimeFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws GatewayError RUNTIME_FOLDER_UNUSABLE */
  static async create(environment: NodeJS.ProcessEnv): Promise<RuntimeFolder> {
    const parent = await firstUsable([environment.XDG_RUNTIME_DIR, "/tmp"]);
    try {
      return new RuntimeFolder(await mkdtemp(join(parent, "waiide-")));
    } catch (error) {
      throw new GatewayError("RUNTIME_FOLDER_UNUSABLE", { reason: reasonOf(error) }, { cause: error });
    }
  }

  /** Path of a socket in this folder. */
  socket(name: string): string {
    return join(this.path, name);
  }

  async close(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

async function firstUsable(candidates: readonly (string | undefined)[]): Promise<string> {
  for (const folder of candidates) {
    if (folder && (await isUsable(folder))) return folder;
  }
  throw new GatewayError("RUNTIME_FOLDER_UNUSABLE", {
    reason: `none of ${candidates.filter(Boolean).join(", ")} is writable`,
  });
}

async function isUsable(folder: string): Promise<boolean> {
  const longest = Buffer.byteLength(folder) + "/waiide-XXXXXX".length + maxSocketNameLength;
  if (longest > maxSocketPathLength) return false;
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
