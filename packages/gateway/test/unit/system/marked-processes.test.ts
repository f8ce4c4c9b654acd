import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import type * as ProcessTree from "../../../src/system/process-tree.ts";

/** How long the first lists of all processes take, what they miss, and how many they are. */
const list = { takes: 0, misses: undefined as number | undefined, times: 0 };
let now = 0;

const processTree = "../../../src/system/process-tree.ts";

// Other files of this worker have the real one.
vi.resetModules();
vi.doMock(processTree, async (load) => {
  const tree = await load<typeof ProcessTree>();
  const listProcesses = () => {
    now += list.times > 0 ? list.takes : 30;
    list.times -= 1;
    return tree.listProcesses().filter(({ pid }) => list.times < 0 || pid !== list.misses);
  };
  return { ...tree, listProcesses };
});
const { killMarked } = await import("../../../src/system/marked-processes.ts");

afterAll(() => {
  vi.doUnmock(processTree);
  vi.resetModules();
});

afterEach(() => vi.restoreAllMocks());

// The second: longer than what cannot be killed is waited for.
it.skipIf(process.platform !== "linux").each([
  { takes: 110, times: 3 },
  { takes: 300, times: 7 },
])("R16: a scan of $takes ms that misses a process $times times finds it in the end", async (slow) => {
  const id = `missed-${process.pid}-${slow.times}`;
  const hidden = spawn("sleep", ["600"], { env: { PATH: process.env.PATH, WAIIDE_SHARE: id }, stdio: "ignore" });
  const ended = once(hidden, "exit");
  try {
    await once(hidden, "spawn");
    Object.assign(list, slow, { misses: hidden.pid });
    vi.spyOn(performance, "now").mockImplementation(() => now);
    expect((await killMarked(`WAIIDE_SHARE=${id}`)).killed).toBe(1);
  } finally {
    hidden.kill("SIGKILL");
    await ended;
  }
});
