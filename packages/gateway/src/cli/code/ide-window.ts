import { stat } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { IdeWindowsSchema } from "@waiide/protocol";
import Value from "typebox/value";
import { GatewayError } from "../../base/errors.ts";
import { askRunningGateway } from "../../control/control-client.ts";
import { readRunningRecord } from "../../control/control-server.ts";
import { listFolder, unlessMissing } from "../../system/missing-file.ts";

/** A window on a busy machine answers late; one whose page is closed never does. Milliseconds. */
const defaultPatience = 30_000;
/** The part of that time in which the first window of a list is waited for, though another has answered. */
const headStart = 0.1;

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** `--data-dir`; below it every server of this user has a folder. */
  readonly dataFolder: string;
  readonly gatewayFolder: string;
  /** How long a window may take to answer. Milliseconds; default 30,000. */
  readonly patience?: number;
}

/**
 * The socket of a window of the running IDE that answers: the terminal's own, else, as in tmux and ssh sessions, that of the
 * window used last. A guest's terminal has its own and no other (RULES R16).
 * @throws GatewayError NO_IDE_WINDOW, NOT_RUNNING, GUEST_TERMINAL
 */
export async function findWindow(surroundings: Surroundings): Promise<string> {
  const { environment, patience = defaultPatience } = surroundings;
  const { VSCODE_IPC_HOOK_CLI: own } = environment;
  if (own) {
    const isGuest = environment.WAIIDE_SHARE !== undefined;
    const answer = answers(own, patience);
    if (await (isGuest ? answer : Promise.race([answer, after(patience * headStart)]))) return own;
  }
  if (environment.WAIIDE_SHARE !== undefined) throw new GatewayError("GUEST_TERMINAL", { what: "use the owner's IDE" });
  const { sockets, url } = await windowsOf(surroundings);
  const found = await firstToAnswer(own ? [own, ...sockets] : sockets, patience);
  if (found === undefined) throw new GatewayError("NO_IDE_WINDOW", { url });
  return found;
}

/** The first of the list that answers soon, else the first that answers at all. */
async function firstToAnswer(sockets: readonly string[], patience: number): Promise<string | undefined> {
  const asked = sockets.map((socket) => ({ socket, answer: answers(socket, patience) }));
  const over = after(patience * headStart);
  for (const { socket, answer } of asked) if (await Promise.race([answer, over])) return socket;
  const late = asked.map(async ({ socket, answer }) => ((await answer) ? socket : Promise.reject(new Error("closed"))));
  try {
    return await Promise.any(late);
  } catch (error) {
    if (error instanceof AggregateError) return undefined;
    throw error;
  }
}

interface OpenWindows {
  readonly sockets: readonly string[];
  /** Where a browser opens the IDE, in words where it is not known. */
  readonly url: string;
}

/** Of the gateway that this terminal belongs to, else of the one with these settings, else of any of this user's servers. */
async function windowsOf({ environment, dataFolder, gatewayFolder }: Surroundings): Promise<OpenWindows> {
  const controlSocket = environment.WAIIDE_CONTROL_SOCKET;
  if (controlSocket) {
    const windows = await unlessNotRunning(askForWindows(gatewayFolder, controlSocket));
    if (windows !== undefined) return { sockets: windows, url: "WAIIDE" };
  }
  const root = join(dataFolder, "gateway");
  const others = (await listFolder(root)).map((name) => join(root, name)).filter((folder) => folder !== gatewayFolder);
  for (const folder of [gatewayFolder, ...others]) {
    const windows = await unlessNotRunning(askForWindows(folder));
    if (windows !== undefined) return { sockets: windows, url: (await readRunningRecord(folder))?.url ?? "WAIIDE" };
  }
  throw new GatewayError("NOT_RUNNING", { folder: gatewayFolder });
}

async function askForWindows(folder: string, socket?: string): Promise<readonly string[]> {
  const { body } = await askRunningGateway(folder, "/api/activity/windows", { socket });
  return Value.Parse(IdeWindowsSchema, body).windows.map((window) => window.command_socket);
}

async function unlessNotRunning<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GatewayError && error.code === "NOT_RUNNING") return undefined;
    throw error;
  }
}

/** Whether a page shows this window: its process outlives the page by hours. The list of extensions is made there. */
async function answers(socketPath: string, patience: number): Promise<boolean> {
  const about = await unlessMissing(stat(socketPath));
  if (about?.isSocket() !== true || about.uid !== process.getuid?.()) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  httpRequest({
    socketPath,
    method: "POST",
    path: "/",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    signal: AbortSignal.timeout(patience),
  })
    .on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
    // Refused: its process was killed. Aborted: no page is left that could answer.
    .on("error", () => resolve(false))
    .end(JSON.stringify({ type: "extensionManagement", list: { showVersions: false } }));
  return promise;
}

/** Nothing, after a while for which no program stays. */
function after(milliseconds: number): Promise<undefined> {
  return delay(milliseconds, undefined, { ref: false });
}
