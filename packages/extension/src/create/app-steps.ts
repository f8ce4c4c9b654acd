import type { ShareInfo } from "@waiide/protocol";
import { ownerAppFacts } from "@waiide/protocol/app-words";
import { window } from "vscode";
import { t } from "../text/translation.ts";
import { harmless } from "../text/words.ts";
import { type AppTarget, parsePort } from "./app-target.ts";
import type { Choice } from "./choices.ts";
import type { Draft, Step } from "./draft.ts";
import { askText, pickOne } from "./questions.ts";
import { lifeStep, nameStep, noteStep, whomStep } from "./steps.ts";

/** The questions of “Share App…”, in this order: which app, its warning, people, expiry, note. */
export function appSteps(info: ShareInfo, apps: readonly AppTarget[], last: { readonly life?: number | null }): Step[] {
  return [whichStep(info, apps), portStep, warningStep, whomStep(info), nameStep, lifeStep(info, last), noteStep];
}

function whichStep({ apps: allowed }: ShareInfo, apps: readonly AppTarget[]): Step {
  return {
    asks: ({ app }) => app === undefined,
    async ask(draft, position) {
      const answer = await pickOne<AppTarget | null>({
        title: t("Share App"),
        placeholder: t("Which app do you want to share?"),
        choices: [...apps.map(appChoice), portChoice(allowed === "configured")],
        position,
      });
      return answer === undefined || answer === "back" ? answer : { ...draft, app: answer.value };
    },
  };
}

function appChoice(app: AppTarget): Choice<AppTarget> {
  return { value: app, label: harmless(app.title), icon: "browser" };
}

function portChoice(isForbidden: boolean): Choice<null> {
  return {
    value: null,
    label: t("A program on a port…"),
    detail: t("Such as one that you started in a terminal"),
    icon: "plug",
    ...(isForbidden ? { refused: t("an administrator permits only configured apps") } : {}),
  };
}

const portStep: Step = {
  asks: ({ app }) => app === null,
  async ask(draft, position) {
    const answer = await askText({
      title: t("Share App"),
      prompt: t("The port that the program listens on, such as 8501"),
      position,
      check: (text) => (parsePort(text) === undefined ? t("A port is a number from 1 to 65535.") : undefined),
    });
    if (answer === undefined || answer === "back") return answer;
    const port = parsePort(answer.value) ?? 0;
    return { ...draft, app: { port, title: t("port {0}", port) } };
  },
};

/** What the owner must know first. The gateway asks once more where guests can run code. */
const warningStep: Step = {
  asks: ({ app }) => app !== undefined && app !== null,
  async ask(draft: Draft) {
    const yes = t("Continue");
    const message = t("Share {0}?", harmless(draft.app?.title ?? ""));
    const detail = ownerAppFacts.map((fact) => `• ${fact}`).join("\n\n");
    const answer = await window.showWarningMessage(message, { modal: true, detail }, yes);
    return answer === yes ? draft : undefined;
  },
};
