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
import { Bases, noVersion } from "./bases.ts";
import { textOfBytes } from "./contents.ts";
import type { LiveTexts } from "./live-texts.ts";
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

/** The one owner of texts and open editors: which are live, the bases of those that are not, which are unsaved, and which one is visible. */
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
  /** Files whose text begins with a byte order mark, which editors do not show. */
  readonly #marked = new Set<string>();
  /** Files that an editor is saving: other programs of the page bring texts of their own. */
  readonly #fromEditor = new Set<string>();
  #services: DocumentServices | undefined;
  #live: LiveTexts | undefined;
  #placement: Placement | undefined;
  readonly #backups = Promise.withResolvers<Backups>();

  constructor(session: Session, addresses: Addresses) {
    this.#session = session;
    this.#addresses = addresses;
    this.#saves = new Saves(session, this.#bases);
  }

  attach(services: DocumentServices): void {
    this.#services = services;
    const backups = new Backups(services.backups, this.#bases, this.#addresses, async (path) => this.#live?.keep(path));
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

  /** Texts can be live from now on. */
  takeLive(live: LiveTexts): void {
    this.#live = live;
  }

  isLive(path: string): boolean {
    return this.#live?.isLive(path) ?? false;
  }

  /** Whether a live file was not saved for longer than usual. */
  isOverdue(path: string): boolean {
    return this.#live?.isOverdue(path) ?? false;
  }

  /** Where the shared selection was at its last read or save. */
  get placement(): Placement | undefined {
    return this.#placement;
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

  /** The texts that would be lost: unsaved ones, and live ones that the gateway has not acknowledged. */
  get unsaved(): readonly UnsavedText[] {
    const models = this.#services?.textFiles.files.models ?? [];
    return models.flatMap((model) => {
      const path = this.#addresses.pathOf(model.resource);
      const text = model.textEditorModel?.getValue();
      return path !== undefined && text !== undefined && this.#isUnsaved(path, model) ? [{ path, text }] : [];
    });
  }

  /** Discards unsaved texts; the editors show the files again. */
  async discardUnsaved(): Promise<void> {
    const { textFiles } = this.#services ?? {};
    for (const { path } of this.unsaved) {
      if (this.#live?.isLive(path)) this.#live.discard(path);
      else await textFiles?.revert(this.#addresses.uriOf(path), { force: true });
    }
  }

  /** @throws SessionError */
  async read(path: string): Promise<Uint8Array> {
    const isPart = this.#session.welcome.share.scope.kind === "selection";
    // The place of a selection in its file is only in the answer.
    if (!isPart && this.isLive(path)) return this.#shown(path);
    const content = await this.#session.request("read", { path });
    if (this.isLive(path)) {
      if (content.selection !== undefined) this.#place(content.selection);
      return this.#shown(path);
    }
    if (content.encoding === "utf8" && content.content.startsWith("\uFEFF")) this.#marked.add(path);
    else this.#marked.delete(path);
    this.#bases.read(path, {
      version: content.version,
      text: content.encoding === "utf8" ? content.content : undefined,
    });
    if (content.selection !== undefined) this.#place(content.selection);
    this.onRead.fire({ path, isForeign: content.read_only === "encoding" });
    return bytesOf(content);
  }

  /** @throws SessionError */
  async save(path: string, bytes: Uint8Array): Promise<void> {
    await this.#live?.settled(path);
    if (this.#live?.isLive(path) && (await this.#saveLive(this.#live, path, bytes))) return;
    const overwrite = this.#overwriting.has(path);
    // Waits until the base of a restored text is known.
    await (await this.#backups.promise).restored(path);
    const { isMerged, selection } = await this.#tellingRefusal(path, this.#saves.save(path, bytes, { overwrite }));
    if (selection !== undefined) this.#place(selection);
    if (isMerged) this.#merged.add(path);
  }

  /**
   * The file of a live text holds what is shown; should it no longer be live, that is its base.
   * @param hash SHA-256 of a text as UTF-8
   */
  savedLive(path: string, hash: (text: string) => string): void {
    const text = this.#live?.textOf(path);
    if (text === undefined) return;
    // Versions are those of files, and a selection is only a part of one.
    const isPart = this.#session.welcome.share.scope.kind === "selection";
    this.#bases.set(path, {
      version: isPart ? noVersion : hash(this.#marked.has(path) ? `\uFEFF${text}` : text),
      text,
    });
  }

  /** A file is no longer live; unless it was seen saved, this is what it held as far as anybody knows. */
  assumeBase(path: string, text: string): void {
    if (this.#bases.get(path)?.text === undefined) this.#bases.set(path, { version: noVersion, text });
  }

  renamed(from: string, to: string): void {
    this.#bases.renamed(from, to);
  }

  /** Our versions decide about conflicts, not VS Code's times and sizes. Call it before the workbench starts. */
  decideConflicts(): void {
    overrideFileWrites({
      pathOf: (resource) => this.#addresses.pathOf(resource),
      begin: (path, { overwrite, fromEditor }) => {
        if (overwrite) this.#overwriting.add(path);
        if (fromEditor) this.#fromEditor.add(path);
      },
      refusalOf: (path) => this.#refusals.get(path),
      end: (path) => {
        this.#overwriting.delete(path);
        this.#fromEditor.delete(path);
        this.#refusals.delete(path);
        // After VS Code has marked the text as saved: before that it considers it changed, and does not reload.
        if (this.#merged.delete(path)) setTimeout(() => this.onStale.fire(path));
      },
    });
  }

  #place(placement: Placement): void {
    this.#placement = placement;
    this.onPlacement.fire(placement);
  }

  #isUnsaved(path: string, model: ITextFileEditorModel): boolean {
    return this.#live?.isLive(path) ? this.#live.isUnacknowledged(path) : model.isDirty();
  }

  /** A live text as its file will have it. */
  #shown(path: string): Uint8Array {
    const text = this.#live?.textOf(path) ?? "";
    return new TextEncoder().encode(this.#marked.has(path) ? `\uFEFF${text}` : text);
  }

  /** @returns false: it is no text, so the file is written as a whole */
  async #saveLive(live: LiveTexts, path: string, bytes: Uint8Array): Promise<boolean> {
    // What the editor shows is known to the gateway; it may be newer than what the editor has handed over.
    if (!this.#fromEditor.has(path)) {
      const text = textOfBytes(bytes);
      if (text === undefined) return false;
      live.replace(path, text.replace(/^\uFEFF/, ""));
    }
    await this.#tellingRefusal(path, live.save(path));
    return true;
  }

  async #tellingRefusal<T>(path: string, saving: Promise<T>): Promise<T> {
    try {
      return await saving;
    } catch (error) {
      if (error instanceof SessionError) this.#refusals.set(path, error.message);
      throw error;
    }
  }

  /** The editor has its text: the file's, or an unsaved one that was kept. */
  #resolved(model: ITextFileEditorModel, backups: Backups): void {
    const text = model.textEditorModel?.getValue(EndOfLinePreference.LF);
    const path = this.#addresses.pathOf(model.resource);
    if (path === undefined || text === undefined || this.isLive(path)) return;
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
