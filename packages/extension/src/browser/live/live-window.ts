import { LiveGap, textHash } from "@waiide/protocol/live";
import { type Disposable, type TextDocument, type TextEditor, window, workspace } from "vscode";
import { t } from "../../text/translation.ts";
import { Follow } from "../follow/follow.ts";
import type { CaretPlace } from "../follow/followed-view.ts";
import { GuestSide } from "../guest/guest-side.ts";
import { randomKey } from "../guest/share-paths.ts";
import { Badges, type Present } from "./badges.ts";
import { Binding, isRewritten } from "./binding.ts";
import { CaretDecorations } from "./caret-decorations.ts";
import { Connection, type FromGateway, type LiveSocket } from "./connection.ts";
import { textOf } from "./editor-text.ts";
import { editorsOf } from "./editors.ts";
import { nameOf, tell, tellOf } from "./notices.ts";
import { OwnCursor } from "./own-cursor.ts";
import { Bases } from "./saves/bases.ts";
import { SavedTexts } from "./saves/saved-texts.ts";
import { Saving } from "./saves/saving.ts";
import { Sending } from "./saves/sending.ts";
import { hasTab, isFile } from "./tabs.ts";
import { nothingToUndo, UndoCommands, type UndoTarget } from "./undo-commands.ts";

type Message<Type extends FromGateway["type"]> = Extract<FromGateway, { type: Type }>;

/** About a file that this window has open. */
type TextMessage = Exclude<Extract<FromGateway, { doc: number }>, { path: string }>;

/** A file that is being opened at the gateway. */
interface Opening {
  readonly document: TextDocument;
  readonly client: string;
  readonly saved: string;
}

/** How often the gateway compares its text with the editor's. Milliseconds. */
const checkInterval = 30_000;
/** How long a save waits for the editor to show what others wrote. Milliseconds. */
const showPause = 200;

/** Live files of one window: binds those that it shows, and everything that belongs to them. By path. */
export class LiveWindow {
  readonly #connection: Connection;
  readonly #saved: SavedTexts;
  readonly #saving: Saving;
  readonly #sending: Sending;
  readonly #bases = new Bases((message) => this.#connection.send(message));
  readonly #undo: UndoCommands;
  readonly #cursor: OwnCursor;
  readonly #follow: Follow;
  readonly #guest = new GuestSide((message) => this.#connection.send(message));
  readonly #badges = new Badges();
  readonly #decorations = new CaretDecorations();
  readonly #live = new Map<string, readonly Present[]>();
  readonly #opening = new Map<string, Opening>();
  readonly #bindings = new Map<string, Binding>();
  /** Files into which an earlier binding is just writing. */
  readonly #closing = new Set<string>();
  /** Files whose connection was lost; those that were saved since cannot go on where they were. */
  readonly #away = new Map<string, { wasSaved: boolean }>();
  readonly #subscriptions: Disposable[];
  readonly #checks: ReturnType<typeof setInterval>;

  constructor(connect: () => LiveSocket) {
    this.#connection = new Connection(connect, {
      onOpen: () => this.#onOpen(),
      onClose: () => this.#onClose(),
      onMessage: (message) => this.#onMessage(message),
    });
    const bindingOf = (document: TextDocument) => this.#bindingOf(document);
    this.#follow = new Follow({
      send: (message) => this.#connection.send(message),
      caretOf: (path, session) => this.#caretOf(path, session),
    });
    this.#saved = new SavedTexts(isFile, {
      onReload: (document) => this.#onReload(document),
      onDirty: (document) => this.#sending.send(bindingOf(document)),
      onSave: (document, texts) => this.#onSave(document, texts),
    });
    this.#saving = new Saving(this.#saved, (message) => this.#connection.send(message));
    this.#sending = new Sending({
      isReady: (binding) =>
        this.#bindings.get(binding.document.uri.path) === binding &&
        this.#connection.isOpen &&
        !this.#saved.isUndecided(binding.document),
      send: (message) => this.#connection.send(message),
    });
    this.#cursor = new OwnCursor(bindingOf, (message) => this.#connection.send(message));
    this.#undo = new UndoCommands(() => this.#undoTarget());
    this.#checks = setInterval(() => this.#checkAll(), checkInterval);
    this.#subscriptions = [
      workspace.onDidChangeTextDocument((event) => bindingOf(event.document)?.changed(event)),
      workspace.onDidOpenTextDocument(() => this.#update()),
      workspace.onDidCloseTextDocument(() => this.#update()),
      workspace.onWillSaveTextDocument((event) => {
        const binding = bindingOf(event.document);
        if (binding !== undefined) this.#saving.willSave(event, binding);
      }),
      window.tabGroups.onDidChangeTabs(() => this.#update()),
      window.onDidChangeActiveTextEditor((editor) => this.#onActive(editor)),
      window.onDidChangeVisibleTextEditors(() => this.#showAll()),
    ];
  }

  start(): void {
    this.#connection.start();
  }

  dispose(): void {
    clearInterval(this.#checks);
    this.#connection.close();
    for (const one of [
      ...this.#subscriptions,
      this.#saved,
      this.#cursor,
      this.#undo,
      this.#badges,
      this.#decorations,
      this.#follow,
      this.#guest,
    ])
      one.dispose();
  }

  #bindingOf(document: TextDocument): Binding | undefined {
    const binding = this.#bindings.get(document.uri.path);
    return binding?.document === document ? binding : undefined;
  }

  /** While VS Code reads a file again, and until it is bound anew, nobody takes back what it says now. */
  #undoTarget(): UndoTarget | undefined {
    const document = window.activeTextEditor?.document;
    const binding = document && this.#bindingOf(document);
    if (binding !== undefined) return this.#saved.isUndecided(binding.document) ? nothingToUndo : binding;
    return document && this.#live.has(document.uri.path) && isRewritten(document) ? nothingToUndo : undefined;
  }

  #onOpen(): void {
    const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.path);
    this.#connection.send({ type: "window-hello", folders });
    for (const [path, { wasSaved }] of this.#away) {
      const binding = this.#bindings.get(path);
      if (binding === undefined) continue;
      if (wasSaved) this.#unbind(path);
      else
        this.#connection.send({ type: "window-bind", path, hash: this.#hashOf(binding.document), ...binding.reopen() });
    }
    this.#away.clear();
    this.#follow.connected();
    this.#update();
  }

  #onClose(): void {
    this.#live.clear();
    this.#opening.clear();
    this.#bases.lost();
    this.#badges.clear();
    this.#follow.lost();
    this.#guest.lost();
    for (const [path, binding] of this.#bindings) {
      binding.reopen();
      if (!this.#away.has(path)) this.#away.set(path, { wasSaved: false });
    }
  }

  #onMessage(message: FromGateway): void {
    switch (message.type) {
      case "window-live":
        this.#onLive(message);
        break;
      case "live-opened":
        this.#onOpened(message);
        break;
      case "live-not-opened":
        this.#opening.delete(message.path);
        this.#unbind(message.path);
        break;
      case "window-people":
        this.#badges.showLooking(message.people);
        this.#follow.receive(message);
        break;
      case "window-invited":
        this.#follow.receive(message);
        break;
      case "window-base":
        if (this.#bases.answer(message.path, message.text)) this.#update();
        break;
      case "window-may-save":
        this.#saving.maySave(message.doc, message.needs_text);
        break;
      default:
        if ("doc" in message) this.#onText(message);
        else this.#guest.receive(message);
    }
  }

  #onText(message: TextMessage): void {
    const binding = [...this.#bindings.values()].find(({ doc }) => doc === message.doc);
    if (binding === undefined) return;
    try {
      this.#toBinding(binding, message);
    } catch (error) {
      if (!(error instanceof LiveGap)) throw error;
      this.#rebind(binding.document.uri.path);
    }
  }

  #toBinding(binding: Binding, message: TextMessage): void {
    switch (message.type) {
      case "live-changes":
        binding.receive(message.rev, message.changes);
        break;
      case "live-reset":
        binding.reset(message);
        break;
      case "live-refused":
        this.#onRefused(binding, message);
        break;
      case "live-cursors":
        binding.moved(message.rev, message.changed, message.gone);
        break;
      case "live-closed":
        this.#unbind(binding.document.uri.path);
        break;
      case "window-save":
        void this.#save(binding);
        break;
      default:
        tellOf(binding.document, message);
    }
  }

  /** A guest saves. */
  async #save(binding: Binding): Promise<void> {
    await binding.shown(performance.now() + showPause);
    if (binding.document.isDirty) await binding.document.save();
    else this.#saving.didSave(binding, [binding.document.getText()]);
  }

  #onLive({ path, on, people }: Message<"window-live">): void {
    if (on) this.#live.set(path, people);
    else this.#live.delete(path);
    this.#badges.showLive(path, on ? people : []);
    this.#update();
  }

  /** Binds what is live and has a tab, and nothing else: VS Code opens a tab for what is changed without one. */
  #update(): void {
    for (const [path, { document }] of this.#bindings) {
      if (document.isClosed || !hasTab(document.uri)) this.#unbind(path);
      else if (this.#connection.isOpen && !this.#live.has(path) && !this.#away.has(path)) this.#unbind(path);
    }
    for (const document of workspace.textDocuments) this.#open(document);
    this.#undo.update();
  }

  #open(document: TextDocument): void {
    const { path } = document.uri;
    if (!isFile(document) || document.isClosed || !this.#live.has(path) || !hasTab(document.uri)) return;
    if (this.#bindings.has(path) || this.#opening.has(path) || this.#closing.has(path)) return;
    if (!this.#connection.isOpen) return;
    if (this.#saved.isUndecided(document)) return;
    const saved = this.#saved.of(document) ?? this.#bases.of(document);
    if (saved === undefined) {
      this.#bases.ask(document);
      return;
    }
    const client = randomKey();
    this.#opening.set(path, { document, client, saved });
    this.#connection.send({ type: "window-bind", path, client, hash: this.#hashOf(document) });
  }

  #onOpened(message: Message<"live-opened">): void {
    const { path, text } = message;
    const known = this.#bindings.get(path);
    if (known !== undefined) {
      known.reopened(message);
      return;
    }
    const opening = this.#opening.get(path);
    this.#opening.delete(path);
    // Saved meanwhile: what is unsaved would be counted from another text than the file's.
    const savedNow = opening && (this.#saved.of(opening.document) ?? this.#bases.of(opening.document));
    const isCurrent = opening !== undefined && savedNow === opening.saved;
    if (!isCurrent || opening.document.isClosed || text === undefined) {
      this.#connection.send({ type: "live-close", doc: message.doc });
      this.#update();
      return;
    }
    const { document, client, saved } = opening;
    const binding = new Binding(
      {
        document,
        doc: message.doc,
        saved: textOf(saved),
        client,
        onEdit: (edited) => this.#sending.send(edited),
        onShown: (shown) => this.#show(shown),
      },
      { ...message, text },
    );
    this.#bindings.set(path, binding);
    this.#bases.forget(document);
    binding.start();
    this.#undo.update();
    this.#cursor.moved(document);
  }

  #onRefused(binding: Binding, { seq, reason }: Message<"live-refused">): void {
    const refused = binding.refused(seq);
    if (refused === undefined) return;
    tell(t("What you typed in {0} was not taken ({1}).", nameOf(binding.document), reason));
  }

  /** VS Code has read the file again, and so does the gateway: nobody has typed what it says now. */
  #onReload(document: TextDocument): void {
    const binding = this.#bindingOf(document);
    binding?.wasReadAgain();
    if (binding === undefined) this.#update();
    else this.#rebind(document.uri.path);
  }

  #onSave(document: TextDocument, texts: readonly string[]): void {
    const binding = this.#bindingOf(document);
    const away = this.#away.get(document.uri.path);
    if (away !== undefined) away.wasSaved = true;
    this.#bases.forget(document);
    if (binding !== undefined) {
      this.#saving.didSave(binding, texts);
      // VS Code removed them after it had asked us. Put back here, they would be unsaved, and removed again in a second.
      if (binding.hasTrimmed) this.#sending.hold(binding);
    }
    this.#update();
  }

  #onActive(editor: TextEditor | undefined): void {
    this.#undo.update();
    const binding = editor && this.#bindingOf(editor.document);
    if (binding === undefined) return;
    binding.endUndoGroup();
    this.#connection.send({ type: "window-focus", doc: binding.doc });
  }

  #rebind(path: string): void {
    this.#unbind(path);
    this.#update();
  }

  #unbind(path: string): void {
    const binding = this.#bindings.get(path);
    this.#away.delete(path);
    if (binding === undefined) return;
    this.#bindings.delete(path);
    this.#saving.forget(binding.document);
    // The unsaved text is others', too, and would count as the owner's when the file is bound again: VS Code saves it first.
    if (binding.document.isDirty) this.#saved.forget(binding.document);
    this.#closing.add(path);
    void binding.close().then(() => {
      this.#closing.delete(path);
      this.#update();
    });
    this.#connection.send({ type: "live-close", doc: binding.doc });
    for (const editor of editorsOf(binding.document)) this.#decorations.show(editor, []);
    this.#undo.update();
  }

  #show(binding: Binding): void {
    const carets = binding.carets();
    if (carets === undefined) return;
    for (const editor of editorsOf(binding.document)) this.#decorations.show(editor, carets);
    this.#cursor.moved(binding.document);
    this.#follow.caretsMoved(binding.document.uri.path);
  }

  #caretOf(path: string, session: string): CaretPlace | undefined {
    const shown = this.#bindings.get(path)?.carets();
    const caret = shown?.find(({ caret: { person } }) => person === session);
    const head = caret?.ranges[0]?.head;
    return head && caret?.first && { head, first: caret.first };
  }

  #showAll(): void {
    for (const binding of this.#bindings.values()) this.#show(binding);
    this.#undo.update();
  }

  #checkAll(): void {
    if (!this.#connection.isOpen) return;
    for (const binding of this.#bindings.values()) {
      if (!binding.isSettled) continue;
      const { rev, text } = binding.confirmed;
      this.#connection.send({ type: "live-check", doc: binding.doc, rev, hash: textHash(text) });
      if (!binding.agrees) this.#rebind(binding.document.uri.path);
    }
  }

  #hashOf(document: TextDocument): string {
    const saved = this.#saved.of(document);
    return saved === undefined ? "" : textHash(textOf(saved));
  }
}
