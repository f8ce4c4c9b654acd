import { join } from "node:path";
import type { ShareInfo } from "@waiide/protocol";
import { workspace } from "vscode";
import { t } from "../text/translation.ts";
import { harmless } from "../text/words.ts";
import type { Choice } from "./choices.ts";
import type { Draft, Step } from "./draft.ts";
import { dotNamesOf, foldersOf, isHomeFolder } from "./home-folder.ts";
import { pickMany, pickOne } from "./questions.ts";

/** If the workspace is the home folder, offers to share a project folder instead (RULES R10). */
export const homeStep: Step = {
  asks: (draft) => draft.show === undefined && homeOf(draft) !== undefined,
  async ask(draft, position) {
    const home = homeOf(draft) ?? "";
    const answer = await pickOne<string | null>({
      title: t("Share Workspace"),
      placeholder: t("The workspace is your home folder. Which folder do you want to share?"),
      choices: [...foldersOf(home).map((name) => folderChoice(home, name)), wholeHome()],
      position,
    });
    if (answer === undefined || answer === "back") return answer;
    return answer.value === null ? { ...draft, show: [] } : { ...draft, root: answer.value };
  },
};

/** In a whole home folder, names with a dot are hidden unless the owner checks them. None is checked at first. */
export function dotNamesStep({ hidden }: ShareInfo): Step {
  return {
    asks: (draft) => draft.show !== undefined && namesIn(draft, hidden).length > 0,
    async ask(draft, position) {
      const answer = await pickMany({
        title: t("Share Workspace: Hidden Files"),
        placeholder: t("Hidden: all names that begin with a dot. Check those that people may see."),
        choices: namesIn(draft, hidden).map((name) => ({ value: name, label: harmless(name), icon: "eye" })),
        position,
      });
      return answer === undefined || answer === "back" ? answer : { ...draft, show: answer.value };
    },
  };
}

function namesIn(draft: Draft, hidden: readonly string[]): string[] {
  const home = homeOf(draft);
  return home === undefined ? [] : dotNamesOf(home, hidden);
}

/** The home folder, if all of it would be shared. */
function homeOf({ target, root = workspace.workspaceFolders?.[0]?.uri.fsPath }: Draft): string | undefined {
  if (root === undefined || (target !== undefined && target.kind !== "workspace")) return undefined;
  return isHomeFolder(root) ? root : undefined;
}

function folderChoice(home: string, name: string): Choice<string | null> {
  return { value: join(home, name), label: harmless(name), icon: "folder" };
}

function wholeHome(): Choice<string | null> {
  return {
    value: null,
    label: t("Whole Home Folder"),
    detail: t("All your files. Names that begin with a dot are hidden unless you check them."),
    icon: "home",
  };
}
