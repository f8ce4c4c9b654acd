import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findRipgrep } from "../../../src/workspace/search/find-ripgrep.ts";
import { makeFolder, openWorkspace, pictureOf, plant, TestGuest } from "./harness.ts";

/**
 * Swaps a folder with a link to outside, and a file with one, until it is killed. It waits for as long as some system calls take,
 * before each change another time, so that it comes between any two of them and leaves a processor for who reads.
 */
const swapper = `
const { renameSync } = require("node:fs");
const clock = new Int32Array(new SharedArrayBuffer(4));
const rename = (from, to) => {
  Atomics.wait(clock, 0, 0, Math.random() / 5);
  renameSync(from, to);
};
process.chdir(process.argv[1]);
process.stdout.write("ready");
for (;;) {
  for (const name of ["d", "f.txt"]) {
    rename(name, name + ".real");
    rename(name + ".link", name);
    rename(name, name + ".link");
    rename(name + ".real", name);
  }
}`;

async function setUpRace() {
  const folder = await makeFolder();
  const root = join(folder, "root");
  await mkdir(root);
  await plant(folder, { "outside/f.txt": "SECRET", "outside/only-there.txt": "SECRET", "outside/sub/x": "SECRET" });
  await plant(root, {
    "d/f.txt": "inside",
    "d/sub/x": "inside",
    "f.txt": "inside",
    "d.link": `->${join(folder, "outside")}`,
    "f.txt.link": "->../outside/f.txt",
    "mine.txt": "mine",
  });
  const ripgrep = await findRipgrep(undefined, process.env);
  const workspace = await openWorkspace(root, { ripgrep });
  const child = spawn(process.execPath, ["-e", swapper, root], { stdio: ["ignore", "pipe", "inherit"] });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  onTestFinished(stop);
  await once(child.stdout, "data");
  return { outside: join(folder, "outside"), workspace, stop };
}

it("R9: links that come and go at any moment lead nowhere", async () => {
  const { outside, workspace, stop } = await setUpRace();
  const before = pictureOf(outside);
  const guest = new TestGuest(workspace);
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  const content = async (path: string) => {
    const answer = await guest.ask("read", { path }).then(
      (read) => read,
      (error: { code: string }) => error.code,
    );
    if (typeof answer !== "string") expect(answer.content).not.toContain("SECRET");
    count(typeof answer === "string" ? answer : "read");
    return typeof answer === "string" ? undefined : answer.version;
  };
  for (let round = 0; round < 400; round += 1) {
    for (const path of ["d/f.txt", "f.txt", "d/sub/x"]) {
      const base = await content(path);
      if (base !== undefined)
        count(`write ${await guest.outcome("write", { path, base, content: "inside", encoding: "utf8" })}`);
    }
    const download = await guest.workspace.open("f.txt").catch(() => undefined);
    if (download !== undefined) {
      expect(String(await download.stream(0, 100).toArray())).toBe("inside");
      await download.close();
    }
    expect(await guest.outcome("stat", { path: "d/only-there.txt" })).toBe("NOT_FOUND");
    expect(await guest.names("d").catch(() => [])).not.toContain("only-there.txt");
    const made = `d/made-${round % 7}`;
    count(`create ${await guest.outcome("write", { path: made, base: null, content: "x", encoding: "utf8" })}`);
    count(`delete ${await guest.outcome("delete", { path: made })}`);
    count(`rename ${await guest.outcome("rename", { from: "mine.txt", to: "d/mine.txt" })}`);
    count(`back ${await guest.outcome("rename", { from: "d/mine.txt", to: "mine.txt" })}`);
    await guest.outcome("delete", { path: "d/sub", recursive: true });
    await guest.outcome("create", { path: "d/sub", kind: "folder" });
    await guest.outcome("write", { path: "d/sub/x", base: null, content: "inside", encoding: "utf8" });
    if (round % 40 === 0) {
      const { files } = await guest.ask("search", { pattern: "SECRET" });
      expect(files).toEqual([]);
      const { paths } = await guest.ask("find", { pattern: "only" });
      expect(paths).toEqual([]);
    }
  }
  await stop();
  expect(pictureOf(outside)).toEqual(before);
  // It was a race: both sides won.
  for (const what of ["read", "NOT_FOUND", "write done", "create done", "create NOT_FOUND"]) {
    expect(seen.get(what) ?? 0, `${what} in ${JSON.stringify([...seen])}`).toBeGreaterThan(0);
  }
}, 600_000);
