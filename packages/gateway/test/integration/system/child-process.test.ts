import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, vi } from "vitest";
import { ChildProcesses, exitWithOutput, type TetheredChild } from "../../../src/system/child-process.ts";

const children = new ChildProcesses();
const options = { workingFolder: tmpdir(), environment: { PATH: process.env.PATH, MARK: "a b" } };

/** The living members of a process group, from /proc; zombies have ended. */
function groupMembers(group: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => {
      const fields = statOf(id);
      return fields !== undefined && Number(fields[2]) === group && fields[0] !== "Z";
    });
}

/** State, parent, group … of a process, or undefined if it has ended meanwhile. */
function statOf(id: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** Starts a shell script that prints “ready” once its helpers run. */
async function startScript(script: string): Promise<{ child: TetheredChild; group: number }> {
  const child = children.spawn("sh", ["-c", script], options);
  child.stderr.resume();
  await once(child.stdout, "data");
  return { child, group: child.pid as number };
}

describe("R22 a tethered child", () => {
  it("is the command itself: id, arguments, environment, output and exit code", async () => {
    const child = children.spawn("sh", ["-c", 'echo "$$ $MARK $1"; echo wrong >&2; exit 7', "sh", "x  $y"], options);
    const [output, errors, exit] = await Promise.all([text(child.stdout), text(child.stderr), child.exited]);
    expect(output).toBe(`${child.pid} a b x  $y\n`);
    expect(errors).toBe("wrong\n");
    expect(exit).toEqual({ code: 7, signal: null });
  });

  it("gets neither our standard input nor the tether", async () => {
    const child = children.spawn(
      "sh",
      ["-c", "cat; if [ -e /proc/self/fd/3 ]; then echo leaked; else echo clean; fi"],
      options,
    );
    child.stderr.resume();
    expect(await text(child.stdout)).toBe("clean\n");
  });

  it.each([
    ["no-such-command", 127, /not found/],
    ["/etc/passwd", 126, /denied/i],
  ])("that cannot be executed (%s) exits %i and says why", async (command, code, reason) => {
    const child = children.spawn(command, [], options);
    const [errors, exit] = await Promise.all([text(child.stderr), child.exited]);
    expect(exit.code).toBe(code);
    expect(errors).toMatch(reason);
  });

  it("without its working folder reports the error and can be terminated", async () => {
    const child = children.spawn("true", [], { ...options, workingFolder: "/no/such/folder" });
    expect(child.pid).toBeUndefined();
    expect((await child.exited).error?.message).toContain("ENOENT");
    await child.terminate(1_000);
  });

  it("terminates as a group, gently", async () => {
    const { child, group } = await startScript('trap "exit 3" TERM; sleep 1000 & echo ready; wait');
    await child.terminate(10_000);
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(groupMembers(group)).toEqual([]);
  });

  it("is killed with all its helpers when it ignores SIGTERM", async () => {
    const { child, group } = await startScript('trap "" TERM; (sleep 1000; echo) & echo ready; sleep 1000; echo');
    const begin = performance.now();
    await child.terminate(200);
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(groupMembers(group)).toEqual([]);
  });

  it("gives its helpers the rest of the time", async () => {
    const script = `sh -c 'trap "sleep 0.3; echo saved; exit" TERM; echo ready; while :; do sleep 0.05; done' & trap "exit 0" TERM; wait`;
    const { child, group } = await startScript(script);
    const rest = text(child.stdout);
    await child.terminate(10_000);
    expect(await rest).toBe("saved\n");
    expect(groupMembers(group)).toEqual([]);
  });

  it("leaves no helper behind at its own end", async () => {
    const { child, group } = await startScript("sleep 1000 & echo ready; exit 0");
    await child.exited;
    await child.terminate(0);
    expect(groupMembers(group)).toEqual([]);
  });

  it("is heard out: what it wrote is read, though its end is reported first", async () => {
    // What is in another session by then is not killed.
    const helper = 'setsid sh -c "(sleep 0.3; echo late >&2) >/dev/null &"';
    const child = children.spawn("sh", ["-c", `$(${helper}); exit 3`], options);
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    expect(await exitWithOutput(child)).toEqual({ code: 3, signal: null });
    expect(said).toBe("late\n");
    expect(await exitWithOutput(child)).toEqual({ code: 3, signal: null });
  });

  it("does not wait for helpers that hold its output open", async () => {
    const left = 'setsid sh -c "sleep 1000 >/dev/null & echo \\$!"';
    const child = children.spawn("sh", ["-c", `echo $(${left}) >&2; exit 3`], options);
    const helper = once(child.stderr, "data");
    expect(await exitWithOutput(child)).toEqual({ code: 3, signal: null });
    process.kill(Number(String(await helper)), "SIGKILL");
  });

  it("is killed with its helpers by killAll, and no child of another owner is", async () => {
    const others = new ChildProcesses();
    const other = others.spawn("sleep", ["1000"], options);
    const { child, group } = await startScript('trap "" TERM; setsid sleep 1000 & sleep 1000 & echo ready; wait');
    children.killAll();
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
    await vi.waitFor(() => expect(groupMembers(group)).toEqual([]), { timeout: 60_000 });
    expect(statOf(other.pid as number)?.[0]).not.toBe("Z");
    others.killAll();
    expect(await other.exited).toEqual({ code: null, signal: "SIGKILL" });
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "ends when its parent gets %s, even ignoring SIGTERM itself",
    async (signal) => {
      const script = 'trap "" TERM; (sleep 1000; echo) & sleep 1000; echo';
      const parent = spawn(process.execPath, [join(import.meta.dirname, "fixtures/parent.ts"), "sh", "-c", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const group = Number(line);
      await vi.waitFor(() => expect(groupMembers(group).length).toBeGreaterThanOrEqual(4), { timeout: 60_000 });
      parent.kill(signal);
      await vi.waitFor(() => expect(groupMembers(group)).toEqual([]), { timeout: 60_000 });
    },
  );
});
