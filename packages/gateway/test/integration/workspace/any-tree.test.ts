import { lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { AccessScope } from "@waiide/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultHidden } from "../../../src/config/names/hidden-names.ts";
import { defaultProtected } from "../../../src/config/names/protected-names.ts";
import { FileRules } from "../../../src/workspace/rules/rules.ts";
import { makeFolder, openWorkspace, outcomeOf, pictureOf, TestGuest } from "./harness.ts";

const rules = new FileRules({ hidden: defaultHidden, protected: defaultProtected, isHome: false });

/** Few names and many links, so that trees, links and operations meet. */
const name = fc.constantFrom("pub", "pub", "priv", "a", "b", ".env", ".vscode");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((steps) => steps.join("/"));
const step = fc.oneof({ arbitrary: name, weight: 3 }, fc.constantFrom("..", "..", ".", "outside"));
const linkText = fc.oneof(
  fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join("/")),
  path.map((inner) => `ROOT/${inner}`),
  path.map((inner) => `ROOT/../outside/${inner}`),
  fc.constantFrom(
    "ROOT",
    "ROOT/..",
    "ROOT/../outside",
    "OUTSIDE",
    "OUTSIDE/a",
    "/etc",
    "/etc/passwd",
    "/proc/self/root",
  ),
  fc.constantFrom(".vscode", "../.vscode", ".env", "../priv", "../outside", "../../outside", "../outside/pub"),
);
const entry = fc.record({
  path,
  content: fc.option(fc.constantFrom("one\n", "two\n"), { nil: undefined }),
  link: linkText,
});
const kind = fc.constantFrom("file", "folder", "folder", "link", "link");
const tree = fc.array(fc.tuple(kind, entry), { minLength: 6, maxLength: 20, size: "max" });

/** Which of the paths that there are, and what below it. */
const pick = fc.record({ index: fc.nat(), below: fc.constantFrom("", "", "", "/a", "/b", "/pub/a", "/priv", "/new") });
type Pick = { readonly index: number; readonly below: string };

const operation = fc.record({
  method: fc.constantFrom("read", "write", "new", "file", "folder", "rename", "delete", "deleteAll", "list"),
  from: pick,
  to: pick,
});
const scope = fc.constantFrom<AccessScope>(
  { kind: "workspace" },
  { kind: "folder", path: "pub" },
  { kind: "folder", path: "pub/a" },
  { kind: "file", path: "pub/a" },
);

interface Place {
  readonly root: string;
  readonly outside: string;
}

async function makePlace(): Promise<Place> {
  const folder = await makeFolder();
  const place = { root: join(folder, "root"), outside: join(folder, "outside") };
  for (const name of ["a", "pub/a", "priv/b"]) {
    mkdirSync(join(place.outside, name, ".."), { recursive: true });
    writeFileSync(join(place.outside, name), "SECRET");
  }
  return place;
}

function build(
  { root, outside }: Place,
  plan: readonly [string, { path: string; content?: string | undefined; link: string }][],
) {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  for (const [what, { path: name, content = "", link }] of plan) {
    const at = join(root, name);
    if (!isFree(root, name)) continue;
    mkdirSync(join(at, ".."), { recursive: true });
    if (what === "file") writeFileSync(at, content);
    else if (what === "folder") mkdirSync(at);
    else symlinkSync(link.replace("ROOT", root).replace("OUTSIDE", outside), at);
  }
}

/** Whether nothing is there, and nothing but folders on the way. */
function isFree(root: string, name: string): boolean {
  const steps = name.split("/");
  for (let index = 1; index <= steps.length; index += 1) {
    const stats = lstatSync(join(root, ...steps.slice(0, index)), { throwIfNoEntry: false });
    if (stats === undefined) return true;
    if (!stats.isDirectory()) return false;
  }
  return false;
}

function isInside(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder + sep);
}

/** What the system says of a path: where it really is. Undefined where it is nowhere. */
function realPath(root: string, name: string): string | undefined {
  try {
    return realpathSync(join(root, name));
  } catch {
    return undefined;
  }
}

function isInScope(where: AccessScope, name: string): boolean {
  if (!("path" in where)) return where.kind === "workspace";
  return name === where.path || (where.kind === "folder" && name.startsWith(`${where.path}/`));
}

/** A path that is there, links included, or that would be there if they led on. */
function pathOf(root: string, { index, below }: Pick): string {
  const there = Object.keys(pictureOf(root));
  return `${there[index % Math.max(there.length, 1)] ?? "pub"}${below}`;
}

/** Everything that is there, and what could be reached by it. */
function allPaths(root: string): string[] {
  const there = Object.keys(pictureOf(root));
  const inside = ["a", "b", "pub/a", "priv/b", "passwd", "etc/passwd"];
  return [...new Set([...there, ...there.flatMap((name) => inside.map((inner) => `${name}/${inner}`))])];
}

/** Entries of the root that lie outside the scope, or are hidden or protected: no guest changes them. */
function untouchable(root: string, where: AccessScope): Record<string, string> {
  return Object.fromEntries(
    Object.entries(pictureOf(root)).filter(
      ([name]) => !isInScope(where, name) || rules.isHidden(name) || rules.isProtected(name),
    ),
  );
}

describe("R9, R10, R11: in any tree, with any links", () => {
  it("every read file is inside the scope and not hidden; plain files are found", async () => {
    const place = await makePlace();
    mkdirSync(place.root);
    await fc.assert(
      fc.asyncProperty(tree, scope, async (plan, where) => {
        build(place, plan);
        const workspace = await openWorkspace(place.root);
        const guest = new TestGuest(workspace, { level: "view", scope: where });
        for (const name of allPaths(place.root)) {
          const outcome = await guest.outcome("read", { path: name });
          const real = realPath(place.root, name);
          if (outcome === "done") {
            const inner = relative(place.root, real ?? "/");
            expect(isInside(place.root, real ?? "/")).toBe(true);
            expect(isInScope(where, inner) && isInScope(where, name)).toBe(true);
            expect(rules.isHidden(inner) || rules.isHidden(name)).toBe(false);
            expect(await guest.read(name)).toBe(readFileSync(real ?? "/", "utf8"));
          } else {
            const isPlain = real === join(place.root, name) && lstatSync(real).isFile();
            expect(isPlain && isInScope(where, name) && !rules.isHidden(name)).toBe(false);
          }
          const download = await outcomeOf(guest.workspace.open(name).then((opened) => opened.close()));
          expect(download).toBe(outcome);
        }
        await workspace.close();
      }),
      { numRuns: 100 },
    );
  });

  it("no operation changes anything outside the scope, hidden or protected", async () => {
    const place = await makePlace();
    mkdirSync(place.root);
    const outside = pictureOf(place.outside);
    await fc.assert(
      fc.asyncProperty(
        tree,
        scope,
        fc.array(operation, { minLength: 10, maxLength: 30, size: "max" }),
        async (plan, where, operations) => {
          build(place, plan);
          const untouched = untouchable(place.root, where);
          const workspace = await openWorkspace(place.root);
          const guest = new TestGuest(workspace, { scope: where });
          for (const { method, from, to } of operations) {
            await perform(guest, method, pathOf(place.root, from), pathOf(place.root, to));
          }
          await workspace.close();
          expect(untouchable(place.root, where)).toEqual(untouched);
          expect(pictureOf(place.outside)).toEqual(outside);
        },
      ),
      { numRuns: 100 },
    );
  });
});

async function perform(guest: TestGuest, method: string, name: string, to: string): Promise<void> {
  const text = { content: "new\n", encoding: "utf8" as const };
  switch (method) {
    case "write": {
      const read = await guest.ask("read", { path: name }).catch(() => undefined);
      if (read !== undefined) expect(read.content).not.toContain("SECRET");
      await guest.outcome("write", { path: name, base: read?.version ?? "0", ...text });
      return;
    }
    case "new":
      await guest.outcome("write", { path: name, base: null, ...text });
      return;
    case "file":
    case "folder":
      await guest.outcome("create", { path: name, kind: method });
      return;
    case "rename":
      await guest.outcome("rename", { from: name, to });
      return;
    case "delete":
    case "deleteAll":
      await guest.outcome("delete", { path: name, recursive: method === "deleteAll" });
      return;
    default:
      await guest.outcome("list", { path: name });
  }
}

it("any name that Linux accepts and no rule hides works in every operation", async () => {
  const folder = await makeFolder();
  const workspace = await openWorkspace(folder);
  const guest = new TestGuest(workspace);
  const name = fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 80 }),
    fc.constantFrom(
      "ä".repeat(127),
      "x".repeat(255),
      "-rf",
      "a\nb",
      "[x](command:y)",
      "A",
      "a",
      "~",
      "%2e%2e",
      "‮txt.exe",
    ),
  );
  await fc.assert(
    fc.asyncProperty(name, async (text) => {
      const isName = text.isWellFormed() && !/[\0/]/.test(text) && text !== "." && text !== "..";
      fc.pre(isName && Buffer.byteLength(text) <= 255 && !rules.isHidden(text) && !rules.isProtected(text));
      await guest.ask("write", { path: text, base: null, content: text, encoding: "utf8" });
      expect(await guest.names("")).toEqual([text]);
      expect(await guest.read(text)).toBe(text);
      await guest.ask("rename", { from: text, to: "other-name" });
      expect(await guest.names("")).toEqual(["other-name"]);
      await guest.ask("delete", { path: "other-name" });
    }),
    { numRuns: 100 },
  );
});
