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

/** The workbench's own parts, once it runs. */
export interface DocumentServices {
  readonly textFiles: ITextFileService;
  readonly editors: IEditorService;
  readonly backups: IWorkingCopyBackupService;
}

/** A text that was not saved. */
export interface UnsavedText {
  readonly path: string;
  readonly text: string;
}

/**
 * The one owner of texts and open editors: what each text is based on, which of them are not saved, which one is looked
 * at. Live editing will come in here and nowhere else.
 */
export class Documents {
  /** The file of this path is another than the editor has. */
  readonly onStale = new Signal<string>();
  /** The file that is looked at, or null. */
  readonly onActive = new Signal<string | null>();
  readonly onPlacement = new Signal<Placement>();
  /** A file was read: whether it is text that comes back with other bytes when it is saved. */
  readonly onRead = new Signal<{ readonly path: string; readonly isForeign: boolean }>();

  readonly #session: Session;
  readonly #addresses: Addresses;
  readonly #bases = new Bases();
  readonly #saves: Saves;
  readonly #overwriting = new Set<string>();
  /** What was saved and is another text now, until the editor is told. */
  readonly #merged = new Set<string>();
  /** Why the gateway refused to save a file, until the workbench is told. */
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
    // The workbench opened again what was open last.
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

  /** The path of the file that is looked at. */
  get active(): string | null {
    const resource = this.#services?.editors.activeEditor?.resource;
    return (resource && this.#addresses.pathOf(resource)) ?? null;
  }

  /** Paths of the texts that are open. */
  get open(): readonly string[] {
    const models = this.#services?.textFiles.files.models ?? [];
    return models.flatMap(({ resource }) => this.#addresses.pathOf(resource) ?? []);
  }

  /** What was typed and not saved. */
  get unsaved(): readonly UnsavedText[] {
    const models = this.#services?.textFiles.files.models ?? [];
    return models.flatMap((model) => {
      const path = this.#addresses.pathOf(model.resource);
      const text = model.textEditorModel?.getValue();
      return path !== undefined && text !== undefined && model.isDirty() ? [{ path, text }] : [];
    });
  }

  /** What was typed and not saved is given up; the texts are again what the files are. */
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
    // Not before it is known what a text is based on that the workbench opened again.
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
        // After VS Code has noted that it saved: before, it takes its text for a changed one, and reads nothing anew.
        if (this.#merged.delete(path)) setTimeout(() => this.onStale.fire(path));
      },
    });
  }

  /** The text is that of the file, or one that was not saved when the page was here last. */
  #resolved(model: ITextFileEditorModel, backups: Backups): void {
    const text = model.textEditorModel?.getValue(EndOfLinePreference.LF);
    const path = this.#addresses.pathOf(model.resource);
    if (path === undefined || text === undefined) return;
    if (!model.isDirty()) this.#bases.taken(path, text);
    else if (this.#bases.get(path) === undefined) backups.restore(path, model.resource);
  }

  /** undefined: it is not open, or has changes of its own. */
  #savedVersion(path: string): string | undefined {
    const model = this.#services?.textFiles.files.get(this.#addresses.uriOf(path));
    return model === undefined || model.isDirty() ? undefined : (this.#bases.get(path)?.version ?? undefined);
  }

  /** The same editors show the file where it is now. */
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
