import { getService } from "@codingame/monaco-vscode-api";
import { ICodeEditorService } from "@codingame/monaco-vscode-api/vscode/vs/editor/browser/services/codeEditorService.service";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { Person } from "@waiide/protocol";
import type { Addresses } from "../files/addresses.ts";
import type { LiveFiles } from "../live/live-files.ts";
import type { Bar } from "../page/bar.ts";
import type { Presence } from "../session/presence.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import { FollowBanner } from "./follow-banner.ts";
import { FollowView } from "./follow-view.ts";
import { Following } from "./following.ts";
import { activeTextEditor, viewOf } from "./own-view.ts";

/** Between two reports of what this guest sees. Milliseconds. */
const reportInterval = 150;
/** They move nothing by themselves. */
const quietKeys = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Tab", "F6"]);

export interface FollowParts {
  readonly session: Session;
  readonly bar: Bar;
  readonly frame: HTMLElement;
  readonly presence: Presence;
  readonly addresses: Addresses;
  readonly live: LiveFiles;
}

/** Lets guests follow each other and the owner: a click on a person starts, typing, Escape or moving oneself stops. */
export async function registerFollow({ session, bar, frame, presence, addresses, live }: FollowParts): Promise<void> {
  const editors = await getService(IEditorService);
  const following = new Following();
  const view = new FollowView(editors, addresses, live);
  live.onCarets.listen((path) => view.caretsMoved(path));
  let people: readonly Person[] = session.people;
  const find = (session: string) => people.find((person) => person.session === session);
  const start = (session: string) => {
    const person = find(session);
    if (person !== undefined) following.start(person);
  };
  const banner = new FollowBanner(frame, { stop: () => following.stop(), accept: start });
  following.onChange.listen((person) => {
    presence.follows(person?.session);
    banner.show(person);
    bar.showFollowed(person?.session);
    if (person === undefined) view.clear();
  });
  following.onMove.listen((person) => void view.goTo(person));
  session.onPeople.listen((now) => {
    people = now;
    following.update(now);
    banner.forget((session) => find(session) !== undefined);
    showInvite();
    reportView();
  });
  session.onInvited.listen((invited) => find(invited.session) && banner.ask(invited));
  session.onLink.listen(({ kind }) => kind === "ended" && banner.close());
  bar.onPerson((person) => {
    if (following.person?.session === person.session) following.stop();
    else following.start(person);
  });
  const invite = bar.addTool("Follow Me", () => void askAll(session, bar));
  const showInvite = () => {
    invite.hidden = people.length < 2;
  };
  showInvite();
  stopByHand(frame, following);
  const reportView = await reportOwnView(editors, presence, () => isFollowed(people, session.welcome.you.session));
}

function isFollowed(people: readonly Person[], you: string): boolean {
  return people.some(({ follows }) => follows === you);
}

async function askAll(session: Session, bar: Bar): Promise<void> {
  try {
    await session.request("invite", {});
    bar.announce("Everybody in this share is asked to follow you.");
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    bar.announce("You asked a moment ago.");
  }
}

/** Whoever types, scrolls or clicks in the workbench goes their own way. */
function stopByHand(frame: HTMLElement, following: Following): void {
  const stop = () => following.stop();
  for (const event of ["pointerdown", "wheel", "touchmove"]) {
    frame.addEventListener(event, stop, { capture: true, passive: true });
  }
  window.addEventListener(
    "keydown",
    (event) => {
      const isInside = event.target instanceof Node && frame.contains(event.target);
      if (event.key === "Escape" || (isInside && !quietKeys.has(event.key))) following.stop();
    },
    { capture: true },
  );
}

/** @returns call it when somebody may have begun or ended to follow */
async function reportOwnView(
  editors: IEditorService,
  presence: Presence,
  isNeeded: () => boolean,
): Promise<() => void> {
  let isDue = false;
  const report = () => {
    isDue = false;
    const editor = activeTextEditor(editors);
    presence.sees(isNeeded() && editor !== undefined ? viewOf(editor) : undefined);
  };
  const soon = () => {
    if (!isDue) setTimeout(report, reportInterval);
    isDue = true;
  };
  const later = () => {
    if (isNeeded()) soon();
  };
  const service = await getService(ICodeEditorService);
  const watch = (editor: ReturnType<typeof service.listCodeEditors>[number]) => {
    editor.onDidScrollChange(later);
    editor.onDidChangeCursorSelection(later);
    editor.onDidChangeModel(later);
  };
  for (const editor of service.listCodeEditors()) watch(editor);
  service.onCodeEditorAdd(watch);
  editors.onDidActiveEditorChange(later);
  return soon;
}
