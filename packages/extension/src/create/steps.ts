import type { Level, Recipient, ShareInfo } from "@waiide/protocol";
import { type Uri, window, workspace } from "vscode";
import { t } from "../text/translation.ts";
import { harmless, linesInWords } from "../text/words.ts";
import { type Choice, levelChoices, lifeChoices, type Whom, whomChoices } from "./choices.ts";
import { type Draft, mayBeCopied, type Position, type Step, type StepResult } from "./draft.ts";
import { dotNamesStep, homeStep } from "./home-steps.ts";
import { type Answer, askText, type Checkbox, pickOne } from "./questions.ts";
import { activeFile, placeOf, selectionIn } from "./targets.ts";

/** The last choices, which the questions suggest. Never the level. */
export interface LastChoices {
  readonly life?: number | null;
}

/** Characters; the same as `maxNoteLength` of the protocol (a test compares them). */
export const maxNoteLength = 500;

/** The questions about the place alone, where one answer is not enough: several folders, a home folder. */
export function placeSteps(info: ShareInfo): Step[] {
  return [folderStep, ...homeSteps(info)];
}

function homeSteps(info: ShareInfo): Step[] {
  return [homeStep, dotNamesStep(info)];
}

/** The questions of a share, in this order: what, level, people, expiry, note. */
export function shareSteps(info: ShareInfo, last: LastChoices): Step[] {
  return [
    whatStep,
    folderStep,
    ...homeSteps(info),
    levelStep(info),
    whomStep(info),
    nameStep,
    lifeStep(info, last),
    lastStep(info),
  ];
}

const whatStep: Step = {
  asks: ({ target, root }) => target === undefined && root === undefined,
  async ask(draft, position) {
    const choices = whatChoices();
    const answer = await pickOne({
      title: t("Share"),
      placeholder: t("What do you want to share?"),
      choices,
      position,
    });
    return merged(draft, answer, (place) => place);
  },
};

type Place = Pick<Draft, "root" | "target">;

function whatChoices(): Choice<Place>[] {
  const selection = selectionIn(window.activeTextEditor);
  const file = activeFile();
  const none = t("no file is open");
  return [
    {
      value: { target: { kind: "workspace" } },
      label: t("Workspace"),
      detail: t("All files in the open folder"),
      icon: "root-folder",
    },
    {
      value: file === undefined ? {} : placeOf(file, "file"),
      label: t("Current File"),
      ...(file === undefined ? { refused: none } : { description: nameOf(file) }),
      icon: "file",
    },
    {
      value: selection ?? {},
      label: t("Selection"),
      ...(selection === undefined ? { refused: t("nothing is selected") } : {}),
      icon: "selection",
    },
  ];
}

/** What the questions are about: the very file that the owner chose, which need not be the open one. */
export function subjectOf({ target, root, app }: Draft): string {
  if (app) return harmless(app.title);
  if (target === undefined || target.kind === "workspace") return root === undefined ? t("Workspace") : baseOf(root);
  if (target.kind === "commit") return harmless(target.ref).slice(0, 40);
  const name = baseOf(target.path);
  return target.kind === "selection" ? linesInWords(name, target.line, target.endLine) : name;
}

function baseOf(path: string): string {
  return harmless(path.split("/").filter(Boolean).at(-1) ?? path);
}

function nameOf(uri: Uri): string {
  return harmless(workspace.asRelativePath(uri).split("/").at(-1) ?? "");
}

/** The root is the window's folder; if it has several, the user chooses one. */
const folderStep: Step = {
  asks: ({ root }) => root === undefined && (workspace.workspaceFolders?.length ?? 0) > 1,
  async ask(draft, position) {
    const answer = await pickOne({
      title: t("Share Workspace"),
      placeholder: t("Which folder do you want to share?"),
      choices: (workspace.workspaceFolders ?? []).map(({ name, uri }) => ({
        value: uri.fsPath,
        label: harmless(name),
        icon: "root-folder",
      })),
      position,
    });
    return merged(draft, answer, (root) => ({ root }));
  },
};

export function levelStep(info: ShareInfo): Step {
  return {
    // A commit can only be viewed.
    asks: ({ target }) => target?.kind !== "commit",
    async ask(draft, position) {
      for (;;) {
        const answer = await pickOne<Level>({
          title: t("Share {0}: Level", subjectOf(draft)),
          placeholder: t(
            "What can people do? In a file that they have open they see what you type before you save it.",
          ),
          choices: levelChoices(info),
          // The lowest level is always suggested: people who press Enter without reading share the least.
          active: "view",
          position,
        });
        const isMeant = !isValue(answer) || answer.value !== "terminal" || (await confirmTerminal(info));
        if (isMeant) return merged(draft, answer, (level) => ({ level }));
      }
    },
  };
}

/** Terminal Access needs a confirmation. */
async function confirmTerminal({ levels }: ShareInfo): Promise<boolean> {
  const promise = levels.find(({ level }) => level === "terminal")?.promise ?? "";
  const yes = t("Share Terminal Access");
  const detail = t(
    "Guests {0}. It always means your whole server, even if the link opens one file. Give it only to people you would trust with your password.",
    promise,
  );
  return (await window.showWarningMessage(t("Share Terminal Access?"), { modal: true, detail }, yes)) === yes;
}

export function whomStep(info: ShareInfo): Step {
  return {
    asks: ({ level }) => level !== undefined && whomChoices(info, level).length > 1,
    async ask(draft, position) {
      const answer = await pickOne<Whom>({
        title: t("Share {0}: With Whom", subjectOf(draft)),
        placeholder: t("Who can join?"),
        choices: whomChoices(info, draft.level ?? "view"),
        position,
      });
      // The next step asks for the name.
      return merged(draft, answer, (whom) => ({ recipient: recipientOf(whom, ""), approve: whom === "accepted" }));
    },
  };
}

function recipientOf(whom: Whom, name: string): Recipient | null {
  if (whom === "link" || whom === "accepted") return null;
  return whom === "user" ? { user: name } : { group: name };
}

export const nameStep: Step = {
  asks: ({ recipient }) => recipient !== undefined && recipient !== null,
  async ask(draft, position) {
    const isUser = draft.recipient !== null && draft.recipient !== undefined && "user" in draft.recipient;
    const answer = await askText({
      title: t("Share {0}: With Whom", subjectOf(draft)),
      prompt: isUser ? t("Name of the user at the hub") : t("Name of the group at the hub"),
      position,
      check: (text) => (text.trim() === "" ? t("A name is needed.") : undefined),
    });
    return merged(draft, answer, (name) => ({ recipient: recipientOf(isUser ? "user" : "group", name.trim()) }));
  },
};

export function lifeStep(info: ShareInfo, last: LastChoices): Step {
  return {
    asks: () => true,
    async ask(draft, position) {
      const answer = await pickOne<number | null>({
        title: t("Share {0}: Expiry", subjectOf(draft)),
        placeholder: t("When does it expire? You can revoke it at any time."),
        choices: lifeChoices(info, draft.level ?? "view"),
        active: last.life === undefined ? 86_400 : last.life,
        position,
      });
      return merged(draft, answer, (life) => ({ life }));
    },
  };
}

/** With the choice whether others may make their own copy, where that is possible. */
function lastStep({ copies }: ShareInfo): Step {
  return {
    asks: () => true,
    async ask(draft, position) {
      let copy = draft.copy === true;
      const onChange = (isOn: boolean) => {
        copy = isOn;
      };
      const label = t("Others may make their own copy");
      const offers = copies === true && mayBeCopied(draft.target);
      const answer = await askNote(draft, position, offers ? { label, isOn: copy, onChange } : undefined);
      return merged(draft, answer, (note) => ({ note, copy }));
    },
  };
}

export const noteStep: Step = {
  asks: () => true,
  async ask(draft: Draft, position: Position) {
    return merged(draft, await askNote(draft, position), (note) => ({ note }));
  },
};

function askNote(draft: Draft, position: Position, checkbox?: Checkbox): Promise<Answer<string>> {
  return askText({
    title: t("Share {0}: Note", subjectOf(draft)),
    prompt: t("A note for yourself (optional). Press Enter to create the link or Esc to cancel."),
    position,
    check: (text) => (text.length > maxNoteLength ? t("At most {0} characters.", maxNoteLength) : undefined),
    checkbox,
  });
}

function isValue<Value>(answer: Answer<Value>): answer is { readonly value: Value } {
  return answer !== undefined && answer !== "back";
}

function merged<Value>(draft: Draft, answer: Answer<Value>, change: (value: Value) => Partial<Draft>): StepResult {
  return isValue(answer) ? { ...draft, ...change(answer.value) } : answer;
}
