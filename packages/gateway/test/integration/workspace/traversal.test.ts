import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { wfuzzList } from "../../support/wfuzz.ts";
import { makeFolder, openWorkspace, outcomeOf, pictureOf, plant, TestGuest } from "./harness.ts";

const lists = [
  "vulns/dirTraversal-nix.txt",
  "Injections/Traversal.txt",
  "stress/uri_hex.txt",
  "stress/doble_uri_hex.txt",
];

/** Our own, for what the lists leave out. */
const others = [
  ...["..", "../", "/", "//", "./", ".", "./.", "a/..", "a/../..", "a/./b", "a//b", "a/", "/etc/passwd", "../root-2/s"],
  ...[
    "..\0",
    "\0",
    "a\0b",
    "a.txt\0.png",
    "/proc/self/root/etc/passwd",
    "first.txt/",
    "first.txt/.",
    "first.txt/..",
    "first.txt/x",
  ],
  ...[
    "\ud800",
    "..\u2215..\u2215etc",
    "\uff0e\uff0e/etc",
    "..\\..\\etc\\passwd",
    "x".repeat(256),
    `${"folder/".repeat(2_048)}x`,
  ],
];

const payloads: string[] = [];

beforeAll(async () => {
  const all = await Promise.all(lists.map(wfuzzList));
  // As they are, and as a server would see them that decodes once or twice.
  const decoded = all.flat().flatMap((line) => [line, unescaped(line), unescaped(unescaped(line))]);
  payloads.push(...new Set([...others, ...decoded]));
  // Fetched over the network at first.
}, 600_000);

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return unescape(text);
  }
}

/** A root deep below folders, each of which holds what traversals look for. */
async function setUp() {
  const folder = await makeFolder();
  const above = ["1", "1/2", "1/2/3", "1/2/3/4"];
  const root = join(folder, "1/2/3/4/root");
  await mkdir(root, { recursive: true });
  for (const place of ["", ...above])
    await plant(join(folder, place), { "etc/passwd": "SECRET", "boot.ini": "SECRET" });
  await plant(join(folder, "1/2/3/4"), { "root-2/s": "SECRET" });
  await plant(root, { "first.txt": "inside", "folder/b.txt": "inside" });
  return { folder, root, workspace: await openWorkspace(root) };
}

/** Everything but the root. */
function surroundings(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(pictureOf(folder)).filter(([path]) => !path.startsWith("1/2/3/4/root/")));
}

describe("R9: no path leads out of the root", () => {
  it("there are payloads", () => expect(payloads.length).toBeGreaterThan(1_000));

  it("for looking", async () => {
    const { workspace } = await setUp();
    const guest = new TestGuest(workspace);
    const scoped = new TestGuest(workspace, { scope: { kind: "folder", path: "folder" } });
    const wrong: string[] = [];
    for (const payload of payloads) {
      for (const path of [payload, `folder/${payload}`]) {
        const outcomes = [
          await guest.outcome("stat", { path }),
          await guest.outcome("read", { path }),
          await guest.outcome("list", { path }),
          await outcomeOf(guest.workspace.open(path)),
          await guest.outcome("watch", { path }),
          await scoped.outcome("read", { path }),
        ];
        if (outcomes.some((outcome) => outcome !== "NOT_FOUND" && outcome !== "INVALID"))
          wrong.push(`${path} ${outcomes}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("for changing: all that ever happens is inside", async () => {
    const { folder, workspace } = await setUp();
    const before = surroundings(folder);
    const guest = new TestGuest(workspace);
    for (const path of payloads) {
      await guest.outcome("delete", { path, recursive: true });
      await guest.outcome("write", { path, base: null, content: "x", encoding: "utf8" });
      await guest.outcome("create", { path: `folder/${path}`, kind: "folder" });
      await guest.outcome("rename", { from: "first.txt", to: path });
      await guest.outcome("rename", { from: path, to: "first.txt" });
    }
    expect(surroundings(folder)).toEqual(before);
    for (const path of await guest.names("")) {
      if ((await guest.ask("stat", { path })).kind === "file") expect(await guest.read(path)).not.toContain("SECRET");
    }
  });

  it("no error names an absolute path", async () => {
    const { folder, root, workspace } = await setUp();
    const guest = new TestGuest(workspace);
    for (const path of [...others, "none", "first.txt", "folder", "first.txt/x", "n".repeat(255)]) {
      const asked = [
        () => guest.ask("read", { path }),
        () => guest.ask("list", { path }),
        () => guest.ask("create", { path, kind: "folder" }),
        () => guest.ask("rename", { from: "folder", to: path }),
        () => guest.ask("delete", { path }),
      ];
      for (const ask of asked) {
        const { message = "" } = (await ask().catch((error: unknown) => error)) as Error;
        expect(message).not.toContain(root);
        expect(message).not.toContain(folder);
        expect(message).not.toContain("/proc/");
      }
    }
  });
});
