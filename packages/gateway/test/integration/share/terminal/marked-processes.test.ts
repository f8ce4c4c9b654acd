import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmod, copyFile, cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Mark } from "../../../../src/system/lock-limit.ts";
import { killMarked, markedProcesses } from "../../../../src/system/marked-processes.ts";
import { isRunning, pidFrom } from "../../../support/terminal-shares.ts";
import { ensureTmux } from "../../../support/tmux.ts";

let folder: string;
let id: string;
let mark: Mark;

beforeAll(ensureTmux, 300_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-marked-"));
  id = randomUUID();
  mark = `WAIIDE_SHARE=${id}`;
});
afterEach(async () => {
  await killMarked(mark);
  await rm(folder, { recursive: true, force: true });
});

/** Runs a script to its end; what it leaves behind carries the mark. */
async function leave(script: string, environment: Record<string, string> = { WAIIDE_SHARE: id }): Promise<void> {
  const env = { PATH: process.env.PATH, HOME: folder, ...environment };
  const shell = spawn("sh", ["-c", script], { cwd: folder, env, stdio: "ignore", detached: true });
  await once(shell, "exit");
}

const pidOf = (name: string) => pidFrom(join(folder, name));

describe("R16 what carries the mark of a share is found and killed", () => {
  test.each([
    ["setsid", "setsid sh -c 'echo $$ > pid; exec sleep 600' &"],
    ["nohup", "nohup sh -c 'echo $$ > pid; exec sleep 600' > /dev/null 2>&1 &"],
    ["a daemon, forked twice", '(setsid sh -c \'(cd /; sleep 600 & echo $! > "$0"/pid)\' "$PWD" &)'],
    ["one that ignores what can be ignored", "setsid sh -c 'trap \"\" HUP INT TERM; echo $$ > pid; sleep 600; :' &"],
    ["one that is stopped", "setsid sh -c 'echo $$ > pid; kill -STOP $$' &"],
    ["one whose own child has cleared the variable", "setsid sh -c 'env -i sleep 600 & echo $! > pid; wait' &"],
  ])("%s", async (_name, script) => {
    await leave(script);
    const pid = await pidOf("pid");
    expect(isRunning(pid)).toBe(true);
    const { killed, left } = await killMarked(mark);
    expect(killed).toBeGreaterThan(0);
    expect(left).toEqual([]);
    expect(isRunning(pid)).toBe(false);
  });

  test("tmux, its server and the shells in it", async () => {
    await leave(`tmux -S "$PWD/socket" -f /dev/null new-session -d "echo \\$\\$ > pid; sleep 600; :"`);
    const pid = await pidOf("pid");
    // The server, the shell, and sleep.
    await expect.poll(() => markedProcesses(mark).length).toBeGreaterThanOrEqual(3);
    const found = markedProcesses(mark);
    expect(found.map((one) => one.pid)).toContain(pid);
    await killMarked(mark);
    expect(found.filter((one) => isRunning(one.pid))).toEqual([]);
  });

  test("counted, each once", async () => {
    await leave("for one in 1 2 3 4 5; do setsid sleep 600 & done");
    await expect.poll(() => markedProcesses(mark).filter(({ session, pid }) => session === pid)).toHaveLength(5);
    expect(await killMarked(mark)).toEqual({ killed: 5, left: [] });
    expect(await killMarked(mark)).toEqual({ killed: 0, left: [] });
  });

  test("a pair that starts each other again", async () => {
    const guard = `
      echo $$ > "$1.new" && mv "$1.new" "$1"
      while :; do
        kill -0 "$(cat "$2")" 2> /dev/null || setsid sh guard.sh "$2" "$1" &
        sleep 0.05
      done`;
    await writeFile(join(folder, "guard.sh"), guard);
    await writeFile(join(folder, "other"), "none\n");
    await leave("setsid sh guard.sh one other &");
    await expect.poll(async () => isRunning(await pidOf("other"))).toBe(true);
    expect((await killMarked(mark)).left).toEqual([]);
    expect(markedProcesses(mark)).toEqual([]);
  });

  test.each(["sh", "setsid sh"])("one that forks and ends all the time (%s), never seen twice", async (start) => {
    await writeFile(join(folder, "hop.sh"), `echo $$ > "$$.new" && mv "$$.new" hop\n${start} hop.sh &\n`);
    await leave("setsid sh hop.sh &");
    const first = await pidOf("hop");
    await expect.poll(() => pidOf("hop")).not.toBe(first);
    expect((await killMarked(mark)).left).toEqual([]);
    const last = await pidOf("hop");
    expect(markedProcesses(mark)).toEqual([]);
    expect(isRunning(last)).toBe(false);
  });

  test("and nothing else: other shares, similar marks, unmarked processes, this process", async () => {
    const others = [
      { WAIIDE_SHARE: randomUUID() },
      { WAIIDE_SHARE: `${id}0` },
      { MY_WAIIDE_SHARE: id },
      { NOTE: `x WAIIDE_SHARE=${id}` },
      {},
    ].map((extra) => spawn("sleep", ["600"], { env: { PATH: process.env.PATH, ...extra }, stdio: "ignore" }));
    await Promise.all(others.map((one) => once(one, "spawn")));
    const shown = spawn("sleep", ["600"], { env: { PATH: process.env.PATH, WAIIDE_SHARE: id }, stdio: "ignore" });
    const ended = once(shown, "exit");
    await once(shown, "spawn");
    await expect.poll(() => markedProcesses(mark).map(({ pid }) => pid)).toEqual([shown.pid]);

    expect((await killMarked(mark)).killed).toBe(1);
    expect(await ended).toEqual([null, "SIGKILL"]);
    expect(others.map((one) => [one.exitCode, one.signalCode, isRunning(one.pid ?? 0)])).toEqual(
      others.map(() => [null, null, true]),
    );
    await Promise.all(others.map((one) => [one.kill("SIGKILL"), once(one, "exit")][1]));
  });

  test("as an unprivileged user: its own end; another user's stay, without an error", async () => {
    const isRoot = process.getuid?.() === 0;
    await chmod(folder, 0o755);
    await cp(join(import.meta.dirname, "../../../../src"), join(folder, "src"), { recursive: true });
    await copyFile(join(import.meta.dirname, "fixtures/killing-user.ts"), join(folder, "killing-user.ts"));
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    await copyFile(process.execPath, join(folder, "node"));
    const env = { PATH: process.env.PATH };
    const others = spawn("sleep", ["600"], { env: { ...env, WAIIDE_SHARE: isRoot ? id : "x" }, stdio: "ignore" });
    await once(others, "spawn");
    const user = isRoot ? { uid: 1000, gid: 1000 } : {};
    const args = [join(folder, "killing-user.ts"), join(folder, "src"), id];
    const { stdout } = await promisify(execFile)(join(folder, "node"), args, { env, cwd: folder, ...user });
    const outcome = JSON.parse(stdout);
    expect(outcome.uid).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ killed: 1, left: [], signal: "SIGKILL" });
    expect(isRunning(others.pid ?? 0)).toBe(true);
    others.kill("SIGKILL");
    await once(others, "exit");
  });
});
