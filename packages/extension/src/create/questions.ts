import {
  type Disposable,
  type InputBox,
  QuickInputButtons,
  type QuickPick,
  type QuickPickItem,
  ThemeIcon,
  window,
} from "vscode";
import { t } from "../text/translation.ts";
import type { Choice } from "./choices.ts";
import type { Position } from "./draft.ts";

// The questions of “Share …” as VS Code's quick picks and inputs, with a way back.

/** The answer to a question; undefined: Esc. */
export type Answer<Value> = { readonly value: Value } | "back" | undefined;

interface Question<Value> {
  readonly title: string;
  readonly placeholder: string;
  readonly choices: readonly Choice<Value>[];
  /** The last choice. */
  readonly active?: Value | undefined;
  readonly position: Position;
}

type Item<Value> = QuickPickItem & { readonly choice: Choice<Value> };

/** Asks for one line. A line that cannot be chosen says why. */
export function pickOne<Value>({ title, placeholder, choices, active, position }: Question<Value>) {
  const pick = window.createQuickPick<Item<Value>>();
  pick.placeholder = placeholder;
  pick.matchOnDetail = true;
  pick.items = choices.map(itemOf);
  const last = pick.items.find(({ choice }) => choice.value === active && choice.refused === undefined);
  const first = pick.items.find(({ choice }) => choice.refused === undefined);
  pick.activeItems = [last ?? first].filter((item) => item !== undefined);
  return shown<Value>(pick, title, position, (answer) => [
    pick.onDidAccept(() => {
      const choice = pick.selectedItems[0]?.choice;
      if (choice === undefined) return;
      if (choice.refused === undefined) answer({ value: choice.value });
      else pick.placeholder = t("{0}: not possible, {1}", choice.label, choice.refused);
    }),
  ]);
}

/** Asks for any number of lines; none is checked at first. */
export function pickMany<Value>({ title, placeholder, choices, position }: Question<Value>) {
  const pick = window.createQuickPick<Item<Value>>();
  pick.canSelectMany = true;
  pick.placeholder = placeholder;
  pick.items = choices.map(itemOf);
  return shown<Value[], Value>(pick, title, position, (answer) => [
    pick.onDidAccept(() => answer({ value: pick.selectedItems.map(({ choice }) => choice.value) })),
  ]);
}

function itemOf<Value>(choice: Choice<Value>): Item<Value> {
  const { label, description, detail, icon, refused } = choice;
  return {
    choice,
    label,
    iconPath: new ThemeIcon(refused === undefined ? icon : "circle-slash"),
    ...(refused === undefined ? {} : { description: t("not possible: {0}", refused) }),
    ...(refused === undefined && description !== undefined ? { description } : {}),
    ...(detail === undefined ? {} : { detail }),
  };
}

interface TextQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly position: Position;
  /** @returns what is wrong; undefined: nothing */
  readonly check: (text: string) => string | undefined;
  readonly checkbox?: Checkbox | undefined;
}

/** A yes or no beside a question, as a button in its title. */
export interface Checkbox {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export function askText({ title, prompt, value = "", position, check, checkbox }: TextQuestion) {
  const input = window.createInputBox();
  input.prompt = prompt;
  input.value = value;
  return shown<string>(input, title, position, (answer) => [
    ...(checkbox === undefined ? [] : [withCheckbox(input, prompt, checkbox)]),
    input.onDidChangeValue((text) => {
      input.validationMessage = check(text) ?? "";
    }),
    input.onDidAccept(() => {
      const problem = check(input.value);
      input.validationMessage = problem ?? "";
      if (problem === undefined) answer({ value: input.value });
    }),
  ]);
}

/** Says in the prompt, too, that it is on: icons alone say nothing to people who do not see them. */
function withCheckbox(input: InputBox, prompt: string, { label, isOn: initial, onChange }: Checkbox): Disposable {
  let isOn = initial;
  const show = () => {
    const iconPath = new ThemeIcon(isOn ? "pass-filled" : "circle-large-outline");
    const tooltip = isOn ? t("{0}: yes", label) : t("{0}: no", label);
    const back = input.buttons.filter((button) => button === QuickInputButtons.Back);
    input.buttons = [...back, { iconPath, tooltip }];
    input.prompt = isOn ? `${tooltip}. ${prompt}` : prompt;
  };
  // After `shown` has set the buttons that every question has.
  queueMicrotask(show);
  return input.onDidTriggerButton((button) => {
    if (button === QuickInputButtons.Back) return;
    isOn = !isOn;
    onChange(isOn);
    show();
  });
}

/** Shows the input until it is answered or hidden, then disposes of it. */
function shown<Value, Line = Value>(
  input: InputBox | QuickPick<Item<Line>>,
  title: string,
  { step, of }: Position,
  listen: (answer: (answer: Answer<Value>) => void) => Disposable[],
) {
  input.title = title;
  input.step = step;
  input.totalSteps = of;
  input.buttons = step > 1 ? [QuickInputButtons.Back] : [];
  input.ignoreFocusOut = true;
  return new Promise<Answer<Value>>((resolve) => {
    const answered = (answer: Answer<Value>) => {
      for (const listener of listeners) listener.dispose();
      input.dispose();
      resolve(answer);
    };
    const listeners = [
      ...listen(answered),
      input.onDidTriggerButton((button) => {
        if (button === QuickInputButtons.Back) answered("back");
      }),
      input.onDidHide(() => answered(undefined)),
    ];
    input.show();
  });
}
