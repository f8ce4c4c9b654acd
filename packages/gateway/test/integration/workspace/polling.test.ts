import { mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { setUp } from "./harness.ts";

// All watches of this user are taken: the IDE of the owner needs them, too.
vi.mock("node:fs", async (original) => ({
  ...(await original<typeof import("node:fs")>()),
  watch: () => {
    throw Object.assign(new Error("ENOSPC: System limit for number of file watchers reached"), { code: "ENOSPC" });
  },
}));

it("R14: without watches of the system, changes are found by looking every few seconds", async () => {
  const { root, guest } = await setUp({ "a.txt": "1", "b.txt": "1", d: null });
  await guest.ask("watch", { path: "" });
  writeFileSync(join(root, "a.txt"), "22");
  writeFileSync(join(root, "new.txt"), "1");
  mkdirSync(join(root, ".git"));
  unlinkSync(join(root, "b.txt"));
  await vi.waitFor(() => expect(guest.changes).toHaveLength(3), { timeout: 30_000 });
  expect(guest.changes.sort((first, second) => (first.path < second.path ? -1 : 1))).toEqual([
    { path: "a.txt", kind: "changed" },
    { path: "b.txt", kind: "deleted" },
    { path: "new.txt", kind: "created" },
  ]);
});
