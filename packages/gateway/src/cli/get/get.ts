import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { type Copy, type CopyRun, counted } from "@waiide/protocol";
import { hasCode } from "../../base/error-code.ts";
import { GatewayError, reasonOf } from "../../base/errors.ts";
import { loadConfig } from "../../config/config.ts";
import { defaultInputs } from "../../config/inputs.ts";
import { type FinishedCopy, NewCopy } from "../../copies/new-copy.ts";
import { openArchive, readDescription } from "../../copies/owner-server.ts";
import { freeFolder, isTaken } from "../../copies/place.ts";
import { CopyRecords, recordsFolder } from "../../copies/records.ts";
import { CopyRefusal } from "../../copies/refusal.ts";
import { ownUser } from "../../system/home-folder.ts";
import { stoppable } from "../stop-signals.ts";
import { readLink, type ShareLink, ShareVisit } from "./share-visit.ts";

export interface GetFlags {
  readonly to?: string;
  readonly as?: string;
  readonly yes?: true;
}

/** “waiide get”: enters a share, shows what a copy would hold, makes it when the person agrees, and leaves. */
export async function get(given: string | undefined, flags: GetFlags): Promise<void> {
  const link = readLink(given ?? (await askFor("Link of the share: ")));
  try {
    await stoppable(
      (signal) => visit(link, flags, signal),
      () => process.stderr.write("Stopped. Nothing was copied.\n"),
    );
  } catch (error) {
    throw error instanceof CopyRefusal ? refusalOf(error) : error;
  }
}

async function visit(link: ShareLink, flags: GetFlags, signal: AbortSignal): Promise<void> {
  const name = flags.as ?? ownUser()?.username ?? "Guest";
  const wait = () => process.stderr.write("Waiting until the owner lets you in …\n");
  const guest = await ShareVisit.enter(link, name, signal, wait);
  try {
    const copy = await readDescription(guest.address);
    const folder = await placeFor(copy, flags.to);
    process.stderr.write(`${described(copy, link, folder)}\n`);
    if (flags.yes !== true) await confirm();
    const finished = await make({ copy, link, folder, guest, signal });
    process.stdout.write(`${folder}\n`);
    process.stderr.write(`${resultOf(finished)}\n`);
  } finally {
    await guest.leave().catch((error: unknown) => {
      process.stderr.write(`The share could not be left: ${plain(reasonOf(error))}\n`);
    });
  }
}

interface Making {
  readonly copy: Copy;
  readonly link: ShareLink;
  readonly folder: string;
  readonly guest: ShareVisit;
  readonly signal: AbortSignal;
}

async function make({ copy, link, folder, guest, signal }: Making): Promise<FinishedCopy> {
  const { dataFolder } = loadConfig({ ...defaultInputs(new Map()), tolerant: true });
  const records = new CopyRecords(recordsFolder(dataFolder));
  const id = randomBytes(9).toString("hex");
  const source = `${link.url.origin}${link.url.pathname}`;
  const made = await NewCopy.begin(records, { id, folder, source, copy, offersSetUp: true });
  try {
    await made.receive(await openArchive(guest.address, signal), signal);
    const finished = await made.finish(copy.name, signal);
    await made.close();
    return finished;
  } catch (error) {
    await made.abandon();
    throw error;
  }
}

/** @throws GatewayError COPY_PLACE */
async function placeFor(copy: Copy, to: string | undefined): Promise<string> {
  const wanted = resolve(to ?? copy.name);
  try {
    const parent = await realpath(dirname(wanted));
    await access(`${parent}/`, constants.W_OK | constants.X_OK);
    if (to === undefined) return await freeFolder(parent, copy.name);
    const folder = join(parent, basename(wanted));
    if (!(await isTaken(folder))) return folder;
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EROFS")) throw error;
    throw new GatewayError("COPY_PLACE", { reason: `${dirname(wanted)} is no folder that you can use` });
  }
  throw new GatewayError("COPY_PLACE", { reason: `there is something at ${wanted}` });
}

function described(copy: Copy, link: ShareLink, folder: string): string {
  const what = copy.has_files
    ? `${counted(copy.files, "file")}, ${(copy.size / 1e6).toFixed(1)} MB`
    : "no files, only what describes the environment";
  return [
    `From:  ${plain(copy.owner)} (${link.url.origin})`,
    `What:  ${copy.name}${copy.commit === null ? "" : `, ${plain(copy.commit.name)}`}: ${what}`,
    `To:    ${folder}`,
    ...(copy.left_out.length === 0 ? [] : [`Not in it: ${copy.left_out.map(plain).join(", ")}`]),
    ...runLines("What could run by itself, as the owner's server says:", copy.runs),
  ].join("\n");
}

function resultOf({ runs, set_up, left_out, set_aside }: FinishedCopy): string {
  return [
    "Nothing of it has run, and WAIIDE opens it in Restricted Mode.",
    ...(left_out.length === 0 ? [] : [`Links, which were not copied: ${left_out.map(plain).join(", ")}`]),
    ...(set_aside.length === 0 ? [] : [`Set aside, as they would start tasks: ${set_aside.map(plain).join(", ")}`]),
    ...runLines("What could run by itself, as its files say:", runs),
    ...(set_up.length === 0 ? [] : ["To set it up, read these commands and run them there:", ...set_up.map(indented)]),
  ].join("\n");
}

function runLines(title: string, runs: readonly CopyRun[]): string[] {
  if (runs.length === 0) return [];
  const line = ({ path, name, when, command }: CopyRun) =>
    `${name === "" ? path : `${name} in ${path}`} (${when})${command === "" ? "" : `: ${command}`}`;
  return [title, ...runs.map(line).map(indented)];
}

function indented(text: string): string {
  return `  ${plain(text)}`;
}

/** Strangers' text in a terminal, which takes some characters for orders (RULES R17). */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

/** @throws GatewayError CONFIRMATION_NEEDED, COPY_NOT_CONFIRMED */
async function confirm(): Promise<void> {
  if (!process.stdin.isTTY) throw new GatewayError("CONFIRMATION_NEEDED", { question: "Make this copy?" });
  if (!/^y(es)?$/i.test(await askFor("Make this copy? [y/N] "))) throw new GatewayError("COPY_NOT_CONFIRMED");
}

/** From the terminal, or a line of standard input. Ctrl-C and Ctrl-D answer nothing. */
async function askFor(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } catch (error) {
    if (!hasCode(error, "ABORT_ERR")) throw error;
    return "";
  } finally {
    terminal.close();
  }
}

function refusalOf(error: CopyRefusal): GatewayError {
  return new GatewayError("COPY_REFUSED", { reason: error.message }, { cause: error });
}
