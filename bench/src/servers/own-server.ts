import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, type Program, untilAnswers } from "../process.ts";
import type { Workplace } from "../workplace.ts";

const waiide = join(import.meta.dirname, "../../../packages/gateway/bin/waiide");
const ideServer = process.env.WAIIDE_SERVER_ROOT ?? join(homedir(), ".local/share/waiide/ide-server");

/** A gateway of ours with its IDE server, in a home folder of its own. */
export interface OwnServer {
  readonly program: Program;
  readonly url: string;
  readonly home: string;
  /** Milliseconds from the start to the first answer, and to an IDE that answers. */
  readonly answers: number;
  readonly ready: number;
}

/** Resolves when its IDE server is ready. @throws Error if that fails */
export async function startOwnServer(place: Workplace): Promise<OwnServer> {
  const home = place.folder("user");
  const port = await freePort();
  const environment = { ...place.environment(home), WAIIDE_SERVER_ROOT: ideServer };
  const workspace = place.workspace(home);
  const command: [string, ...string[]] = [waiide, "--port", String(port), "--workspace", workspace];
  const program = await place.start(home, command, environment);
  const url = `http://127.0.0.1:${port}/`;
  await untilAnswers(program, `${url}api`);
  const answers = performance.now() - program.startedAt;
  for (;;) {
    const { ide } = (await (await fetch(`${url}api/health`)).json()) as { ide: string };
    if (ide === "ready") break;
    if (ide === "failed") throw new Error(`the IDE server failed:\n${program.tail()}`);
    await delay(20);
  }
  return { program, url, home, answers, ready: performance.now() - program.startedAt };
}
