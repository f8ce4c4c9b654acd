import { basename } from "node:path";
import type { OwnerSaveAnswer } from "@waiide/protocol";
import { commands, type Disposable, Range, type TextDocument, TextEdit, Uri, window, workspace } from "vscode";
import { GatewayRefusal, GatewayUnreachable } from "../gateway/gateway.ts";
import type { ShareApi } from "../shares/api.ts";
import { offerUntilAnswered } from "../text/lasting-offer.ts";
import { t } from "../text/translation.ts";
import { harmless } from "../text/words.ts";
import { beforeUri } from "./before-files.ts";
import { replacedPart } from "./text-change.ts";

/** Larger texts are not merged: VS Code then asks. Characters. */
const maxTextSize = 8_000_000;
/** VS Code saves without us after 1.75 s (`ExtHostDocumentSaveParticipant`). Milliseconds. */
const maxWait = 1_500;
/** VS Code reports a save within this time. Milliseconds. */
const savedWithin = 3_000;
/** A notice about the same file and people is repeated only after this time: editors save while people type. Milliseconds. */
const quiet = 60_000;

/** After this time VS Code knows whether a changed text is unsaved. Milliseconds. */
const settling = 200;

const scheme = "waiide-guest-version";

type Merged = Extract<OwnerSaveAnswer, { kind: "merged" }>;
type Overlap = Extract<OwnerSaveAnswer, { kind: "overlap" }>;

/**
 * Merges guests' changes into the editor before VS Code saves a file (RULES R13). The gateway has already written the merged
 * text: VS Code finds in the file what it is about to write, and does not ask. Without an answer of the gateway, VS Code asks
 * as usual.
 */
export class OwnerSaves {
  readonly #api: Pick<ShareApi, "ownerSave" | "isWrittenByGuests">;
  readonly #subscriptions: Disposable[];
  /** The texts of editors when they were last saved. */
  readonly #bases = new Map<string, string>();
  readonly #theirs = new Map<string, string>();
  readonly #told = new Map<string, number>();
  readonly #merging = new Set<string>();

  constructor(api: Pick<ShareApi, "ownerSave" | "isWrittenByGuests">) {
    this.#api = api;
    this.#subscriptions = [
      workspace.onDidOpenTextDocument((document) => this.#see(document)),
      // VS Code reports the first key before the text counts as unsaved.
      workspace.onDidChangeTextDocument(({ document }) => setTimeout(() => this.#see(document), settling)),
      workspace.onDidSaveTextDocument((document) => {
        this.#merging.delete(document.uri.toString());
        this.#see(document);
      }),
      workspace.onDidCloseTextDocument(({ uri }) => this.#bases.delete(uri.toString())),
      workspace.onWillSaveTextDocument((event) => {
        if (isFile(event.document)) event.waitUntil(this.#edits(event.document));
      }),
      workspace.registerTextDocumentContentProvider(scheme, {
        provideTextDocumentContent: ({ query }) => this.#theirs.get(query) ?? "",
      }),
    ];
    for (const document of workspace.textDocuments) this.#see(document);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #see(document: TextDocument): void {
    if (isFile(document) && !document.isDirty && !document.isClosed)
      this.#bases.set(document.uri.toString(), document.getText());
  }

  /** The changes to make in the editor before it saves. */
  async #edits(document: TextDocument): Promise<TextEdit[]> {
    const { version } = document;
    const answer = await this.#ask(document);
    // The user typed meanwhile, so that positions are wrong. VS Code then finds another text in the file, and asks.
    if (answer.kind === "untouched" || document.version !== version) return [];
    if (answer.kind === "overlap") {
      void this.#tellOverlap(document, answer);
      return [];
    }
    this.#bases.set(document.uri.toString(), answer.text);
    this.#tellMerged(document, answer);
    this.#saveAgainUnlessSaved(document);
    const change = replacedPart(document.getText(), answer.text);
    if (change === undefined) return [];
    const range = new Range(document.positionAt(change.start), document.positionAt(change.end));
    return [TextEdit.replace(range, change.text)];
  }

  async #ask(document: TextDocument): Promise<OwnerSaveAnswer> {
    const text = document.getText();
    const base = this.#bases.get(document.uri.toString()) ?? null;
    const path = document.uri.fsPath;
    try {
      if (text.length > maxTextSize || !(await this.#api.isWrittenByGuests(path, maxWait)))
        return { kind: "untouched" };
      return await this.#api.ownerSave({ path, base, text }, maxWait);
    } catch (error) {
      // Without the gateway, VS Code saves as it does without guests.
      if (error instanceof GatewayUnreachable || error instanceof GatewayRefusal) return { kind: "untouched" };
      throw error;
    }
  }

  /** A formatter may change the text after the merge: then the file differs from what VS Code writes, and VS Code asks. */
  #saveAgainUnlessSaved(document: TextDocument): void {
    const key = document.uri.toString();
    if (this.#merging.has(key)) return;
    this.#merging.add(key);
    setTimeout(() => {
      if (this.#merging.has(key) && document.isDirty && !document.isClosed) void document.save();
      this.#merging.delete(key);
    }, savedWithin);
  }

  #tellMerged(document: TextDocument, { by, line, end_line }: Merged): void {
    if (by.length === 0 || this.#isTold(document, by)) return;
    const lines = line === end_line ? t("line {0}", line) : t("lines {0}–{1}", line, end_line);
    void window.showInformationMessage(
      t(
        "{0} changed {1} of {2} while you edited it; both changes are in the file.",
        namesOf(by),
        lines,
        nameOf(document),
      ),
    );
  }

  async #tellOverlap(
    document: TextDocument,
    { by, theirs, kept }: Pick<Overlap, "by" | "theirs" | "kept">,
  ): Promise<void> {
    const left = this.#leftOf(document, { by, theirs, kept });
    if (this.#isTold(document, by)) return;
    const [name, names] = [nameOf(document), namesOf(by)];
    const compare = t("Compare");
    const message =
      kept === null
        ? t(
            "{0} and you changed the same lines of {1}. Their version could not be stored on the disk: compare it now.",
            names,
            name,
          )
        : t("{0} and you changed the same lines of {1}. Their version is under “Changed by guests”.", names, name);
    if ((await offerUntilAnswered(message, compare)) !== compare) return;
    await commands.executeCommand("vscode.diff", left, document.uri, t("{0}: {1} ↔ you", name, names));
  }

  /** The guests' version: on the disk, where it survives a restart, else in memory. */
  #leftOf({ uri }: TextDocument, { by, theirs, kept }: Pick<Overlap, "by" | "theirs" | "kept">): Uri {
    if (kept !== null) return beforeUri(kept.share, kept.path, basename(uri.path), kept.version);
    const query = `${uri.toString()} ${by.join(" ")}`;
    this.#theirs.set(query, theirs);
    return Uri.from({ scheme, path: uri.path, query });
  }

  #isTold(document: TextDocument, by: readonly string[]): boolean {
    const key = `${document.uri.toString()} ${by.join(" ")}`;
    const before = this.#told.get(key) ?? Number.NEGATIVE_INFINITY;
    if (performance.now() - before < quiet) return true;
    this.#told.set(key, performance.now());
    return false;
  }
}

function isFile({ uri }: TextDocument): boolean {
  return uri.scheme === "file";
}

/** Names are text of other people, also those of files (RULES R17). */
function namesOf(by: readonly string[]): string {
  return by.map(harmless).join(", ");
}

function nameOf({ uri }: TextDocument): string {
  return harmless(basename(uri.path)) || t("a file");
}
