import type { CreatedShare, CreateShare, ShareInfo } from "@waiide/protocol";
import { mayConfirm } from "@waiide/protocol/app-words";
import { commands, type Memento, type TextEditor, window, workspace } from "vscode";
import { GatewayRefusal, reasonOf } from "../gateway/gateway.ts";
import { adviseRestrictedMode } from "../server/restricted-mode.ts";
import type { ShareApi } from "../shares/api.ts";
import type { ShareState } from "../shares/state.ts";
import { t } from "../text/translation.ts";
import { plainText } from "../text/words.ts";
import { appSteps } from "./app-steps.ts";
import { configuredApps } from "./app-target.ts";
import { type Draft, requestFrom, walk, withOpenFile } from "./draft.ts";
import { oneStep } from "./one-step.ts";
import { type LastChoices, placeSteps, shareSteps } from "./steps.ts";
import { activeFile, isFile, selectionIn } from "./targets.ts";

const memory = "waiide.lastChoices";

/** Creates a share, from the first question to the link. */
export class SharingFlow {
  readonly #api: ShareApi;
  readonly #state: ShareState;
  readonly #memento: Memento;

  /** @param memento remembers the last choices */
  constructor(api: ShareApi, state: ShareState, memento: Memento) {
    this.#api = api;
    this.#state = state;
    this.#memento = memento;
  }

  /**
   * Creates a View Only link to the workspace without questions, unless only the owner can answer them.
   * @returns undefined if the user gave up, or it failed
   */
  async runAtOnce(): Promise<CreatedShare | undefined> {
    try {
      const info = await this.#api.info();
      const answers = info.sharing_available ? oneStep(info) : undefined;
      const start: Draft = { target: { kind: "workspace" } };
      if (answers === undefined) return await this.run(start);
      const place = await walk(placeSteps(info), start);
      const draft = place && { ...place, ...answers };
      if (draft === undefined || !(await saveFor(draft))) return undefined;
      return await this.create(requestFrom(withOpenFile(rooted(draft), activeFile()?.fsPath)));
    } catch (error) {
      void tellFailure(error);
      return undefined;
    }
  }

  /**
   * Asks the questions and creates the share. Shows what goes wrong.
   * @param start answers that are already known
   * @returns undefined if the user gave up, or it failed
   */
  async run(start: Draft): Promise<CreatedShare | undefined> {
    try {
      const info = await this.#api.info();
      if (!info.sharing_available) {
        await tellUnavailable(info.reason ?? "");
        return undefined;
      }
      if (start.level === "app") return await this.#shareApp(info, start);
      const editor = window.activeTextEditor;
      const file = activeFile()?.fsPath;
      const last = this.#memento.get<LastChoices>(memory) ?? {};
      const draft = await walk(shareSteps(info, last), start);
      if (draft === undefined || !(await saveFor(draft))) return undefined;
      const share = await this.create(requestFrom(withOpenFile(rooted(moved(draft, editor)), file)));
      if (share !== undefined) void adviseRestrictedMode(share, info);
      await this.#memento.update(memory, { life: draft.life });
      return share;
    } catch (error) {
      void tellFailure(error);
      return undefined;
    }
  }

  async #shareApp(info: ShareInfo, start: Draft): Promise<CreatedShare | undefined> {
    if (info.apps === "off") {
      void window.showErrorMessage(t("An administrator has turned the sharing of apps off."));
      return undefined;
    }
    const apps = configuredApps(await this.#api.services());
    const last = this.#memento.get<LastChoices>(memory) ?? {};
    const draft = await walk(appSteps(info, apps, last), start);
    if (draft === undefined) return undefined;
    const share = await this.create(requestFrom(draft));
    await this.#memento.update(memory, { life: draft.life });
    return share;
  }

  /** Creates it, after a confirmation where the gateway wants one. @returns undefined if the owner does not confirm */
  async create(request: CreateShare): Promise<CreatedShare | undefined> {
    try {
      return await this.#make(request);
    } catch (error) {
      if (!(error instanceof GatewayRefusal) || !mayConfirm(error.code)) throw error;
      const yes = t("Share It");
      const answer = await window.showWarningMessage(error.message, { modal: true }, yes);
      return answer === yes ? this.#make({ ...request, confirm: true }) : undefined;
    }
  }

  /** Guests may not be allowed to see the open file, such as `.env`. Then the share begins with the README. */
  async #make(request: CreateShare): Promise<CreatedShare> {
    try {
      return await this.#state.own(this.#api.create(request));
    } catch (error) {
      if (!(error instanceof GatewayRefusal) || error.field !== "opens") throw error;
      const { opens: _, ...rest } = request;
      return this.#state.own(this.#api.create(rest));
    }
  }
}

/** Shows “Failed to generate share link”, always with the reason. */
export async function tellFailure(error: unknown): Promise<void> {
  if (error instanceof GatewayRefusal && error.code === "SHARING_UNAVAILABLE") return tellUnavailable(error.message);
  const action = error instanceof GatewayRefusal ? ` ${error.action}` : "";
  await tellWithDoctor(t("Failed to generate share link: {0}", `${reasonOf(error)}${action}`.trim()));
}

async function tellUnavailable(reason: string): Promise<void> {
  await tellWithDoctor(t("Sharing not available: {0}", plainText(reason)));
}

async function tellWithDoctor(message: string): Promise<void> {
  const doctor = t("Run Doctor");
  if ((await window.showErrorMessage(message, doctor)) === doctor) await commands.executeCommand("waiide.doctor");
}

/** The root is the folder of the window, even if the gateway was started with another one. */
function rooted(draft: Draft): Draft {
  const root = draft.root ?? workspace.workspaceFolders?.[0]?.uri.fsPath;
  return root === undefined ? draft : { ...draft, root };
}

/** Saving may have formatted the file: this is where the editor shows the selection now. */
function moved(draft: Draft, editor: TextEditor | undefined): Draft {
  const place = draft.target?.kind === "selection" ? selectionIn(editor) : undefined;
  const isSame = place?.target?.kind === "selection" && "path" in (draft.target ?? {});
  return isSame ? { ...draft, ...place } : draft;
}

/** Saves files, because guests see what is on the disk. @returns false if the user does not want to continue without */
async function saveFor({ target }: Draft): Promise<boolean> {
  // Guests see what was committed.
  if (target?.kind === "commit") return true;
  const isWanted = (path: string) =>
    target === undefined || target.kind === "workspace" || path === target.path || path.endsWith(`/${target.path}`);
  const dirty = () =>
    workspace.textDocuments.filter((document) => {
      return document.isDirty && isFile(document) && (target?.kind === "folder" || isWanted(document.uri.fsPath));
    });
  for (const document of dirty()) await document.save();
  if (dirty().length === 0) return true;
  const yes = t("Share Anyway");
  const message = unsavedInWords(dirty().length);
  return (await window.showWarningMessage(message, { modal: true }, yes)) === yes;
}

function unsavedInWords(count: number): string {
  if (count === 1) return t("1 file could not be saved. Guests see the version that was saved last.");
  return t("{0} files could not be saved. Guests see the versions that were saved last.", count);
}
