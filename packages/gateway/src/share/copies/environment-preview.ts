import { basename } from "node:path";
import type { EnvironmentFacts, EnvironmentRequest } from "@waiide/protocol";
import { describeEnvironment, type ServerEnvironment } from "../../environment/environment.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import { checkRoot, type RequestCheckContext } from "../records/request.ts";
import { type WalkLimits, walk } from "./copy-walk.ts";

/** Milliseconds. A folder on a slow disk must not keep the owner waiting forever. */
const timeout = 60_000;

export interface EnvironmentPreviewOptions {
  /** What may be shared. */
  readonly places: Pick<RequestCheckContext, "workspace" | "roots" | "outside">;
  readonly open: (root: string) => Promise<Workspace>;
  readonly server: ServerEnvironment;
  readonly limits: WalkLimits;
}

/** Shows an owner what would describe a folder's environment in a copy, with the files that any guest would see. */
export class EnvironmentPreview {
  readonly #options: EnvironmentPreviewOptions;

  constructor(options: EnvironmentPreviewOptions) {
    this.#options = options;
  }

  /** @throws GatewayError SHARE_INVALID, SHARE_COPY_FAILED */
  async describe({ root: given, settings = [] }: EnvironmentRequest): Promise<EnvironmentFacts> {
    const { places, open, server, limits } = this.#options;
    // Nothing is shared, so that a whole home folder needs no confirmation.
    const request = { permission: "view", confirm: true, ...(given !== undefined && { root: given }) } as const;
    const root = await checkRoot(request, places);
    const workspace = await open(root);
    const guest = workspace.guest({
      share: "environment",
      session: "environment",
      actor: () => ({ kind: "guest", level: "view", scope: { kind: "workspace" }, state: "live" }),
      onChanges: () => undefined,
      onWrite: () => undefined,
    });
    try {
      const files = await walk(workspace, guest, { folder: "", show: [] }, limits, AbortSignal.timeout(timeout));
      const choice = { files: true, settings, extensions: true };
      const source = { files, folder: root, name: basename(root), server };
      const { written, settingsLeftOut, packagesLeftOut, problem, ...facts } = await describeEnvironment(
        source,
        choice,
      );
      return {
        root,
        ...facts,
        settings_left_out: [...settingsLeftOut],
        packages_left_out: [...packagesLeftOut],
        problem: problem ?? null,
        written: Object.fromEntries(written),
      };
    } finally {
      guest.close();
    }
  }
}
