import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { EndOfLinePreference } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/model";
import type { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { ITextFileEditorModel } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles";
import type { ITextFileService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/textfile/common/textfiles.service";
import type { IWorkingCopyBackupService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/workingCopy/common/workingCopyBackup.service";
import type { Placement, Result } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import { overrideFileWrites } from "../overrides/file-writes.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import { Signal } from "../session/signal.ts";
import { Backups } from "./backups.ts";
import { Bases } from "./bases.ts";
import { Renames } from "./renames.ts";
import { Saves } from "./saves.ts";

/** Services of the running workbench. */
export interface DocumentServices {
  readonly textFiles: ITextFileService;
  readonly editors: IEditorService;
  readonly backups: IWorkingCopyBackupService;
}

/** An unsaved text. */
export interface UnsavedText {
  readonly path: string;
  readonly text: string;
}

/**
 * The one owner of texts and open editors: their bases, which are unsaved, and which one is visible. Live editing will begin
 * here.
 */
export class Documents {
  /** The file differs from what its editor shows. */
  readonly onStale = new Signal<string>();
  /** The visible file, or null. */
  readonly onActive = new Signal<string | null>();
  readonly onPlacement = new Signal<Placement>();
  /** A file was read; `isForeign`: it is text in another encoding, which saving would damage. */
  readonly onRead = new Signal<{ readonly path: string; readonly isForeign: boolean }>();

  readonly #session: Session;
  readonly #addresses: Addresses;
  readonly #bases = new Bases();
  readonly #saves: Saves;
  readonly #overwriting = new Set<string>();
  /** Files whose saved text was merged, until their editor reloads. */
  readonly #merged = new Set<string>();
  /** Why the gateway refused to save a file, until the workbench shows it. */
  readonly #refusals = new Map<string, string>();
  #services: DocumentServices | undefined;
  readonly #backups = Promise.withResolvers<Backups>();

  constructor(session: Session, addresses: Addresses) {
    this.#session = session;
    this.#addresses = addresses;
    this.#saves = new Saves(session, this.#bases);
  }

  attach(services: DocumentServices): void {
    this.#services = services;
    const backups = new Backups(services.backups, this.#bases, this.#addresses);
    const { files } = services.textFiles;
    // Editors that the workbench restored.
    for (const model of files.models) this.#resolved(model, backups);
    files.onDidResolve(({ model }) => this.#resolved(model, backups));
    this.#backups.resolve(backups);
    files.onDidRemove((resource) => this.#with(resource, (path) => this.#bases.forget(path)));
    services.editors.onDidActiveEditorChange(() => this.onActive.fire(this.active));
    const renames = new Renames({
      read: (path) => this.#session.request("read", { path }),
      versionOf: (path) => this.#savedVersion(path),
      moved: (from, to) => void this.#reopen(from, to),
    });
    this.#session.onChanges.listen((changes) => void renames.changed(changes));
  }

  /** The path of the visible file. */
  get active(): string | null {
    const resource = this.#services?.editors.activeEditor?.resource;
    return (resource && this.#addresses.pathOf(resource)) ?? null;
  }

  /** Paths of the texts that are open. */
  get open(): readonly string[] {
    const models = this.#services?.textFiles.files.models ?? [];
    return models.flatMap(({ resource }) => this.#addresses.pathOf(resource) ?? []);
  }

  /** The unsaved texts. */
  get unsaved(): readonly UnsavedText[] {
    const models = this.#services?.textFiles.files.models ?? [];
    return models.flatMap((model) => {
      const path = this.#addresses.pathOf(model.resource);
      const text = model.textEditorModel?.getValue();
      return path !== undefined && text !== undefined && model.isDirty() ? [{ path, text }] : [];
    });
  }

  /** Discards unsaved texts; the editors show the files again. */
  async discardUnsaved(): Promise<void> {
    const { textFiles } = this.#services ?? {};
    for (const { path } of this.unsaved) await textFiles?.revert(this.#addresses.uriOf(path), { force: true });
  }

  /** @throws SessionError */
  async read(path: string): Promise<Uint8Array> {
    const content = await this.#session.request("read", { path });
    this.#bases.read(path, {
      version: content.version,
      text: content.encoding === "utf8" ? content.content : undefined,
    });
    if (content.selection !== undefined) this.onPlacement.fire(content.selection);
    this.onRead.fire({ path, isForeign: content.read_only === "encoding" });
    return bytesOf(content);
  }

  /** @throws SessionError */
  async save(path: string, bytes: Uint8Array): Promise<void> {
    const overwrite = this.#overwriting.has(path);
    // Waits until the base of a restored text is known.
    await (await this.#backups.promise).restored(path);
    const { isMerged, selection } = await this.#saves.save(path, bytes, { overwrite }).catch((error: unknown) => {
      if (error instanceof SessionError) this.#refusals.set(path, error.message);
      throw error;
    });
    if (selection !== undefined) this.onPlacement.fire(selection);
    if (isMerged) this.#merged.add(path);
  }

  renamed(from: string, to: string): void {
    this.#bases.renamed(from, to);
  }

  /** Our versions decide about conflicts, not VS Code's times and sizes. Call it before the workbench starts. */
  decideConflicts(): void {
    overrideFileWrites({
      pathOf: (resource) => this.#addresses.pathOf(resource),
      begin: (path, overwrite) => {
        if (overwrite) this.#overwriting.add(path);
      },
      refusalOf: (path) => this.#refusals.get(path),
      end: (path) => {
        this.#overwriting.delete(path);
        this.#refusals.delete(path);
        // After VS Code has marked the text as saved: before that it considers it changed, and does not reload.
        if (this.#merged.delete(path)) setTimeout(() => this.onStale.fire(path));
      },
    });
  }

  /** The editor has its text: the file's, or an unsaved one that was kept. */
  #resolved(model: ITextFileEditorModel, backups: Backups): void {
    const text = model.textEditorModel?.getValue(EndOfLinePreference.LF);
    const path = this.#addresses.pathOf(model.resource);
    if (path === undefined || text === undefined) return;
    if (!model.isDirty()) this.#bases.taken(path, text);
    else if (this.#bases.get(path) === undefined) backups.restore(path, model.resource);
  }

  /** undefined: not open, or with unsaved changes. */
  #savedVersion(path: string): string | undefined {
    const model = this.#services?.textFiles.files.get(this.#addresses.uriOf(path));
    return model === undefined || model.isDirty() ? undefined : (this.#bases.get(path)?.version ?? undefined);
  }

  /** Shows the file in the same editors, at its new path. */
  async #reopen(from: string, to: string): Promise<void> {
    const editors = this.#services?.editors;
    const resource = this.#addresses.uriOf(to);
    for (const { editor, groupId } of editors?.findEditors(this.#addresses.uriOf(from)) ?? []) {
      await editors?.replaceEditors([{ editor, replacement: { resource } }], groupId);
    }
  }

  #with(resource: URI, work: (path: string) => void): void {
    const path = this.#addresses.pathOf(resource);
    if (path !== undefined) work(path);
  }
}

function bytesOf({ content, encoding }: Result<"read">): Uint8Array {
  if (encoding === "utf8") return new TextEncoder().encode(content);
  return Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
}
