import { createInterface } from "node:readline/promises";
import {
  type Audit,
  type AuditEntry,
  type CreatedShare,
  type CreateShare,
  counted,
  guestsOnline,
  type HistorySurvey,
  levelOf,
  mayConfirm,
  minLife,
  ownerAppFacts,
  type Permission,
  PermissionSchema,
  type Revoked,
  recipientFacts,
  type Scope,
  type Share,
  type ShareInfo,
  type ShareList,
  scopeFacts,
} from "@waiide/protocol";
import Value from "typebox/value";
import { hasCode } from "../base/error-code.ts";
import { GatewayError } from "../base/errors.ts";
import { fieldsOfFlags, parseNumber } from "./share-flags.ts";
import { type AppFlags, parseApp } from "./share-targets/app-flags.ts";
import { ask, RefusedByGateway } from "./share-targets/asking.ts";
import { type CommitFlags, commitInWords, commitOfFlags, surveyInWords } from "./share-targets/commit-flags.ts";
import { type CopyFlags, copyOfFlags } from "./share-targets/copy-flags.ts";
import { formatTable } from "./table.ts";

/** Besides the flags that `share-flags.ts` makes. */
export interface CreateFlags extends CommitFlags, AppFlags, CopyFlags {
  readonly expires?: string;
  readonly root?: string;
  readonly opens?: string;
  readonly show?: string;
  readonly with?: string;
  readonly withGroup?: string;
  readonly yes?: true;
  readonly json?: true;
}
export interface ListFlags {
  readonly json?: true;
}
export interface RevokeFlags {
  readonly all?: true;
  readonly alsoMadeDuring?: true;
  readonly json?: true;
}
export interface AnswerFlags {
  readonly all?: true;
}
export interface AuditFlags {
  readonly share?: string;
  readonly limit: string;
  readonly json?: true;
}

/** Creates a share; asks first where it can hand over more than people think of. */
export async function create(file: string | undefined, flags: CreateFlags): Promise<void> {
  const app = parseApp(flags);
  const permission = app === undefined ? parsePermission(flags.permission ?? "view") : "app";
  const request: CreateShare = {
    permission,
    ...(app === undefined ? {} : { app }),
    ...parsePlace(file),
    ...commitOfFlags(flags),
    ...copyOfFlags(flags),
    ...(flags.expires === undefined ? {} : { expires_in: parseLife(flags.expires) }),
    ...(flags.root === undefined ? {} : { root: flags.root }),
    ...(flags.opens === undefined ? {} : { opens: flags.opens }),
    ...(flags.show === undefined ? {} : { show: parseShow(flags.show) }),
    ...fieldsOfFlags(flags),
    ...parseRecipient(flags),
    ...(flags.yes ? { confirm: true } : {}),
  };
  Object.assign(request, await confirmedHistory(request));
  if (levelOf(permission) === "terminal" && !flags.yes) {
    await confirm(`Terminal Access lets ${whoJoins(request)} run commands as you.`);
  }
  const share = await createConfirmed(request);
  if (flags.json) return print(JSON.stringify(share, undefined, 2));
  print(`${share.url}\n`);
  print(`${share.permission}, ${whatInWords(share)}, ${untilInWords(share.expires_at)}: guests ${share.promise}.`);
  if (share.approve) print("You accept each guest: in the IDE, or with “waiide share requests”.");
  if (share.copy !== null) print("Others may make their own copy; “waiide environment” shows what comes with it.");
  print(`To revoke it: waiide share revoke ${share.id}`);
  if (levelOf(share.permission) === "edit") await warnOfWebviews();
  if (share.level === "app") for (const fact of ownerAppFacts) print(`– ${fact}`);
  if (share.hub_access?.granted === false) {
    print(
      `JupyterHub was not told to let them log in here: ${share.hub_access.reason}. People who already have access can join.`,
    );
  }
}

async function warnOfWebviews(): Promise<void> {
  const { webviews } = (await ask("/api/share/info")) as ShareInfo;
  if (webviews?.separated !== false) return;
  print(`Warning: notebook outputs and previews are not separated from your IDE (${webviews.reason}).`);
  print("A script in a file that a guest changed can run as you when you open it. Use Restricted Mode meanwhile.");
}

export async function list({ json }: ListFlags): Promise<void> {
  const answer = (await ask("/api/share/list")) as ShareList;
  if (json) return print(JSON.stringify(answer, undefined, 2));
  if (answer.shares.length === 0) return print("Nothing is shared.");
  const rows = answer.shares.map((share) => [
    share.id,
    share.permission,
    whatInWords(share),
    untilInWords(share.expires_at),
    guestsInWords(share),
    share.note,
  ]);
  print(formatTable(["id", "level", "what", "until", "guests", "note"], rows));
}

export async function requests({ json }: ListFlags): Promise<void> {
  const waiting = await waitingPeople();
  if (json) return print(JSON.stringify({ requests: waiting }, undefined, 2));
  if (waiting.length === 0) return print("Nobody is waiting.");
  const rows = waiting.map(({ request, share, name, hub_user, asked_at }) => [
    request,
    share,
    hub_user ?? name,
    hub_user === null ? "name not verified" : "logged in at the hub",
    new Date(asked_at).toLocaleTimeString(),
  ]);
  print(formatTable(["request", "share", "name", "account", "since"], rows));
}

/** Accepts or declines one request, or all of them. */
export async function answer(
  what: "accept" | "decline",
  request: string | undefined,
  { all }: AnswerFlags,
): Promise<void> {
  if ((request === undefined) === (all === undefined)) {
    throw new GatewayError("USAGE", { reason: "Name one request, or add --all." });
  }
  const ids = request === undefined ? (await waitingPeople()).map((one) => one.request) : [request];
  for (const id of ids) await ask(`/api/share/requests/${encodeURIComponent(id)}/${what}`, { method: "POST" });
  print(`${counted(ids.length, "guest")} ${what === "accept" ? "accepted" : "declined"}.`);
}

async function waitingPeople() {
  const { shares } = (await ask("/api/share/list")) as ShareList;
  return shares.flatMap(({ id, requests: waiting }) => waiting.map((one) => ({ ...one, share: id })));
}

export async function revoke(id: string | undefined, { all, json, alsoMadeDuring }: RevokeFlags): Promise<void> {
  if ((id === undefined) === (all === undefined)) {
    throw new GatewayError("USAGE", { reason: "Name one share, or add --all." });
  }
  if (alsoMadeDuring && id === undefined) {
    throw new GatewayError("USAGE", { reason: "Name a share: --also-made-during needs one." });
  }
  const query = alsoMadeDuring ? "?also_made_during=true" : "";
  const path = id === undefined ? "/api/share/revoke" : `/api/share/revoke/${encodeURIComponent(id)}${query}`;
  const outcome = (await ask(path, { method: "DELETE" })) as Revoked;
  if (json) return print(JSON.stringify(outcome));
  const { revoked, guests, made_during: made = [] } = outcome;
  print(`${counted(revoked, "share")} revoked, ${counted(guests, "guest")} disconnected.`);
  if (made.length > 0 && !alsoMadeDuring) await offerToRevoke(made);
}

/** Shares that guests of a Terminal Access share may have made stay active, unless the owner revokes them (RULES R16). */
async function offerToRevoke(shares: readonly string[]): Promise<void> {
  print(
    `Guests of this share may have made ${counted(shares.length, "share")} that ${shares.length === 1 ? "is" : "are"} still active: ${shares.join(", ")}.`,
  );
  if (!process.stdin.isTTY) return print("To revoke one: waiide share revoke <id>");
  if (!(await isAgreed("Revoke them as well?"))) return;
  for (const id of shares) await ask(`/api/share/revoke/${encodeURIComponent(id)}`, { method: "DELETE" });
  print(`${counted(shares.length, "share")} revoked.`);
}

export async function audit({ share, limit, json }: AuditFlags): Promise<void> {
  const query = new URLSearchParams({ limit: String(parseNumber("--limit", limit)), ...(share && { share }) });
  const { entries } = (await ask(`/api/share/audit?${query}`)) as Audit;
  if (json) {
    for (const entry of entries) print(JSON.stringify(entry));
    return;
  }
  if (entries.length === 0) return print("Nothing has happened yet.");
  print(formatTable(["when", "what", "share", "who", "details"], entries.map(auditRow)));
}

function auditRow({ at, event, share, who, details }: AuditEntry): string[] {
  const told = Object.entries(details).filter(([, value]) => value !== null && value !== "");
  return [at, event, share, who, told.map(([name, value]) => `${name}=${value}`).join(" ")];
}

/** Shows what the history of a commit holds, and asks. */
async function confirmedHistory({ commit, root }: CreateShare): Promise<Pick<CreateShare, "confirm_survey">> {
  if (commit?.get !== "history") return {};
  const body = { commit, ...(root !== undefined && { root }) };
  const found = (await ask("/api/share/survey", { method: "POST", body, timeout: 120_000 })) as HistorySurvey;
  if (found.findings.length === 0 && !found.incomplete) return {};
  for (const line of surveyInWords(found)) process.stderr.write(`${line}\n`);
  await confirm("Guests would get all of this with the history.");
  return { confirm_survey: found.hash };
}

async function createConfirmed(request: CreateShare): Promise<CreatedShare> {
  try {
    return (await ask("/api/share/create", { method: "POST", body: request })) as CreatedShare;
  } catch (error) {
    if (!(error instanceof RefusedByGateway) || !mayConfirm(error.refusal.code)) throw error;
    await confirm(`${error.refusal.message} ${error.refusal.action}`);
    return (await ask("/api/share/create", { method: "POST", body: { ...request, confirm: true } })) as CreatedShare;
  }
}

async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) throw new GatewayError("CONFIRMATION_NEEDED", { question });
  if (!(await isAgreed(`${question}\nShare it?`))) throw new GatewayError("NOT_CONFIRMED");
}

async function isAgreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const asked = terminal.question(`${question} [y/N] `).catch((error: unknown) => {
    // Ctrl-C and Ctrl-D mean no.
    if (!hasCode(error, "ABORT_ERR")) throw error;
    return "";
  });
  return /^y(es)?$/i.test((await asked.finally(() => terminal.close())).trim());
}

function parsePermission(text: string): Permission {
  if (Value.Check(PermissionSchema, text)) return text;
  throw new GatewayError("USAGE", { reason: "--permission must be one of view, edit or terminal." });
}

function parseShow(text: string): string[] {
  const names = text.split(",").filter((name) => name !== "");
  const wrong = names.find((name) => !/^\.[^/]*[^/.]/.test(name) || name.includes("/"));
  if (wrong === undefined) return names;
  throw new GatewayError("USAGE", {
    reason: "--show takes names that begin with a dot, at the top of a home folder, such as .bashrc,.profile",
  });
}

function parseRecipient({ with: user, withGroup: group }: CreateFlags): Pick<CreateShare, "with"> {
  if (user !== undefined && group !== undefined) {
    throw new GatewayError("USAGE", { reason: "Name a user (--with) or a group (--with-group), not both." });
  }
  if (user !== undefined) return { with: { user } };
  return group === undefined ? {} : { with: { group } };
}

function whoJoins(share: CreateShare): string {
  const recipient = recipientFacts(share);
  if (recipient.kind === "link") return "anyone with the link";
  return recipient.kind === "user" ? recipient.name : `everyone in the group ${recipient.name}`;
}

/** Reads `src/a.py:3-9`. The gateway decides whether a file has such a name itself. */
function parsePlace(text: string | undefined): Pick<CreateShare, "file" | "line" | "end_line"> {
  if (text === undefined) return {};
  const match = /^(.+?):(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) return { file: text };
  const [, file = "", line, end] = match;
  return { file, line: Number(line), ...(end === undefined ? {} : { end_line: Number(end) }) };
}

const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** @returns seconds, or null for never */
function parseLife(text: string): number | null {
  if (text === "never") return null;
  const match = /^(\d+)([smhdw]?)$/.exec(text);
  if (match === null)
    throw new GatewayError("USAGE", { reason: "--expires must be a time such as 30m, 4h, 7d, or never." });
  const seconds = Number(match[1]) * (units[match[2] ?? ""] ?? 1);
  if (seconds >= minLife) return seconds;
  throw new GatewayError("USAGE", { reason: "--expires must be at least 1 minute (a bare number is seconds)." });
}

function whatInWords({ commit, scope }: Pick<Share, "commit" | "scope">): string {
  return commit === null ? placeInWords(scope) : commitInWords(commit);
}

function placeInWords(scope: Scope): string {
  if (scope.kind === "app") return scope.name;
  const { path, lines, opens } = scopeFacts(scope);
  const place = path === "" ? "all" : path;
  if (lines !== undefined) return `${place}:${lines.first}-${lines.last}`;
  return opens === undefined ? place : `${place}, opens ${opens}`;
}

function untilInWords(time: string | null): string {
  return time === null ? "never ends" : `until ${new Date(time).toLocaleString()}`;
}

function guestsInWords(share: Share): string {
  const present = guestsOnline(share).map(({ name }) => name);
  return present.length === 0 ? "–" : present.join(", ");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
