import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import type { IWorkingCopyBackupMeta } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/workingCopy/common/workingCopy";
import type { IWorkingCopyBackupService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/workingCopy/common/workingCopyBackup.service";
import type { Addresses } from "../files/addresses.ts";
import { overrideBackups } from "../overrides/backups.ts";
import { type Bases, noVersion } from "./bases.ts";

interface KeptMeta extends IWorkingCopyBackupMeta {
  /** The version that the unsaved text is based on; null: a file that must not exist yet. */
  readonly base?: string | null;
}

/** The type of working copy that files' texts have. */
const textFile = "";

/**
 * The workbench keeps unsaved texts in the browser and shows them again after a reload. Their base is kept with them:
 * otherwise saving would overwrite changes that were made meanwhile (RULES R13).
 */
export class Backups {
  readonly #service: IWorkingCopyBackupService;
  readonly #bases: Bases;
  readonly #restoring = new Map<string, Promise<void>>();

  /** @param keepLive keeps more of a text that is live */
  constructor(
    service: IWorkingCopyBackupService,
    bases: Bases,
    addresses: Addresses,
    keepLive: (path: string) => Promise<void>,
  ) {
    this.#service = service;
    this.#bases = bases;
    overrideBackups(service, async ({ typeId, resource }) => {
      const path = typeId === textFile ? addresses.pathOf(resource) : undefined;
      if (path === undefined) return {};
      await keepLive(path);
      await this.restored(path);
      const base = bases.get(path)?.version;
      return base === undefined ? {} : { base };
    });
  }

  /** An editor shows the kept text. */
  restore(path: string, resource: URI): void {
    const work = this.#restore(path, resource).finally(() => this.#restoring.delete(path));
    this.#restoring.set(path, work);
  }

  /** Resolves when the text's base is known. */
  async restored(path: string): Promise<void> {
    await this.#restoring.get(path);
  }

  async #restore(path: string, resource: URI): Promise<void> {
    const kept = await this.#service.resolve<KeptMeta>({ resource, typeId: textFile });
    if (kept === undefined) return;
    // Without a known base, the file counts as changed.
    const { base = noVersion } = kept.meta ?? {};
    if (this.#bases.get(path) === undefined) this.#bases.set(path, { version: base, text: undefined });
  }
}
