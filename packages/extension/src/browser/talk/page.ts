import type { TalkMessage } from "@waiide/protocol";
import { textPieces } from "@waiide/protocol/links";
import type { FromTalkPage, TalkWords, ToTalkPage } from "../../talk/messages.ts";

/** The page of the conversation's view. Everything that people wrote is text, never markup (RULES R17). */

declare function acquireVsCodeApi(): { postMessage(message: FromTalkPage): void };

const vscode = acquireVsCodeApi();
const words = JSON.parse(document.body.dataset.words ?? "{}") as TalkWords;
const shown = new Set<number>();
let share: string | undefined;
let reader: string | null = null;

const choice = made("select", { "aria-label": words.share });
const older = made("button", { type: "button", class: "older", hidden: "" }, words.older);
const list = made("div", {
  class: "messages",
  role: "log",
  "aria-label": words.message,
  tabindex: "0",
  "data-none": words.none,
});
const text = made("textarea", {
  rows: "3",
  maxlength: "2000",
  placeholder: words.message,
  "aria-label": words.message,
});
const problem = made("p", { class: "problem", role: "alert" });
const form = made("form", {}, text, made("p", { class: "soft" }, words.hint), problem);
form.append(made("button", { type: "submit" }, words.send));
document.body.append(choice, older, list, form);

choice.addEventListener("change", () => tell({ kind: "choose", share: choice.value }));
older.addEventListener("click", () => {
  if (share !== undefined) tell({ kind: "older", share, before: Math.min(...shown) });
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (share === undefined || text.value.trim() === "") return;
  tell({ kind: "say", share, text: text.value.trim() });
});
text.addEventListener("keydown", (event) => {
  // During composition, Enter chooses a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
window.addEventListener("message", ({ data }) => take(data as ToTalkPage));
tell({ kind: "ready" });

function tell(message: FromTalkPage): void {
  vscode.postMessage(message);
}

function take(message: ToTalkPage): void {
  if (message.kind === "shares") showShares(message);
  else if (message.kind === "sent") showSent(message.problem);
  else if (message.share !== share) return;
  else if (message.kind === "said") add([message.message]);
  else {
    add(message.messages);
    older.hidden = !message.more;
  }
}

function showShares({ shares, chosen, you }: Extract<ToTalkPage, { kind: "shares" }>): void {
  choice.replaceChildren(...shares.map((one) => made("option", { value: one.share }, one.label)));
  choice.hidden = shares.length < 2;
  reader = you;
  form.hidden = shares.length === 0;
  if (chosen !== undefined) choice.value = chosen;
  if (chosen === share) return;
  share = chosen;
  shown.clear();
  older.hidden = true;
  list.replaceChildren();
}

function showSent(why: string): void {
  problem.textContent = why;
  if (why === "") text.value = "";
}

function add(messages: readonly TalkMessage[]): void {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const message of messages) {
    if (shown.has(message.id)) continue;
    shown.add(message.id);
    const later = [...list.children].find((one) => Number((one as HTMLElement).dataset.id) > message.id);
    list.insertBefore(itemOf(message), later ?? null);
  }
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

function itemOf({ id, at, session, name, hub_user, color, text: content }: TalkMessage): HTMLElement {
  const who = made("strong", {}, session === reader ? words.you : (hub_user ?? name));
  if (color !== "") who.style.setProperty("--person", color);
  if (hub_user !== null) who.title = words.verified;
  const time = new Date(at);
  const when = made("time", { datetime: at, title: time.toLocaleString() }, time.toLocaleTimeString());
  const body = made("p", { dir: "auto" }, ...textPieces(content).map(pieceOf));
  return made("div", { class: "message", "data-id": String(id) }, made("div", {}, who, " ", when), body);
}

function pieceOf({ text: piece, address }: { readonly text: string; readonly address?: string }): Node | string {
  if (address === undefined || !URL.canParse(address)) return piece;
  const link = made("button", { type: "button", class: "link" }, piece);
  // VS Code asks before it opens an address.
  link.addEventListener("click", () => tell({ kind: "open", address }));
  return link;
}

function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  one.append(...children);
  return one;
}
