import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AccessScope,
  type AccessTarget,
  type Actor,
  computeAccess,
  type Level,
  levels,
  type Operation,
  operations,
  shareStates,
} from "../../../src/index.ts";

const workspace: AccessScope = { kind: "workspace" };
const scopes: readonly AccessScope[] = [
  workspace,
  { kind: "folder", path: "src" },
  { kind: "file", path: "src/a.py" },
  { kind: "selection", path: "src/a.py" },
];
const inside: AccessTarget = { path: "src/a.py", hidden: false, protected: false };
const files: readonly Operation[] = [
  "list",
  "read",
  "search",
  "watch",
  "comment",
  "write",
  "create",
  "rename",
  "delete",
];

function guest(level: Level, scope: AccessScope = workspace, state: (typeof shareStates)[number] = "live"): Actor {
  return { kind: "guest", level, scope, state };
}

function outcome(actor: Actor, operation: Operation, target?: AccessTarget): string {
  const answer = computeAccess({ actor, operation, ...(target && { target }) });
  return answer.allowed ? "yes" : answer.why;
}

/** The table of DESIGN §3.3, row by row, for a file in the workspace. */
const table: readonly [Operation, view: string, edit: string, terminal: string][] = [
  ["list", "yes", "yes", "yes"],
  ["read", "yes", "yes", "yes"],
  ["search", "yes", "yes", "yes"],
  ["watch", "yes", "yes", "yes"],
  ["presence", "yes", "yes", "yes"],
  ["talk", "yes", "yes", "yes"],
  ["comment", "yes", "yes", "yes"],
  ["propose", "yes", "yes", "yes"],
  ["watch-terminal", "yes", "yes", "yes"],
  ["write", "level", "yes", "yes"],
  ["create", "level", "yes", "yes"],
  ["rename", "level", "yes", "yes"],
  ["delete", "level", "yes", "yes"],
  ["ide", "level", "level", "yes"],
  ["app", "level", "level", "level"],
  ["manage", "level", "level", "level"],
];

describe("computeAccess", () => {
  it.each(table)("%s: view %s, edit %s, terminal %s; the owner always", (operation, ...expected) => {
    expect(levels.map((level) => outcome(guest(level), operation, inside))).toEqual(expected);
    expect(outcome({ kind: "owner" }, operation, inside)).toBe("yes");
  });

  it("R31: a guest of an app uses it, and sees and changes no file whatever the scope says", () => {
    const allowed = (scope: AccessScope) =>
      operations.filter((operation) => outcome(guest("app", scope), operation, inside) === "yes");
    for (const scope of [{ kind: "app" } as const, ...scopes]) {
      expect(allowed(scope)).toEqual(["presence", "talk", "watch-terminal", "app"]);
    }
    expect(outcome(guest("app", { kind: "app" }, "revoked"), "app")).toBe("ended");
    for (const operation of files) expect(outcome(guest("terminal", { kind: "app" }), operation, inside)).toBe("scope");
  });

  it("has a row for every operation", () => {
    expect(table.map(([operation]) => operation)).toEqual([...operations]);
  });

  it.each([
    ["a folder share sees the folder", { kind: "folder", path: "src" }, "list", "src", "yes"],
    ["… and what is in it", { kind: "folder", path: "src" }, "read", "src/deep/x", "yes"],
    ["… not its neighbour with the same beginning", { kind: "folder", path: "src" }, "read", "src2/x", "scope"],
    ["… not its parent", { kind: "folder", path: "src" }, "list", "", "scope"],
    ["… and does not delete itself", { kind: "folder", path: "src" }, "delete", "src", "scope"],
    ["a workspace share does not delete its root", workspace, "delete", "", "scope"],
    ["a file share is written", { kind: "file", path: "a" }, "write", "a", "yes"],
    ["… not deleted", { kind: "file", path: "a" }, "delete", "a", "scope"],
    ["… nor renamed", { kind: "file", path: "a" }, "rename", "a", "scope"],
    ["… and cannot list its directory", { kind: "file", path: "src/a" }, "list", "src", "scope"],
    ["… nor read its neighbour", { kind: "file", path: "src/a" }, "read", "src/b", "scope"],
    ["a selection share is read", { kind: "selection", path: "a" }, "read", "a", "yes"],
    ["… and lists nothing", { kind: "selection", path: "a" }, "list", "a", "scope"],
  ] as const)("%s", (_name, scope, operation, path, expected) => {
    expect(outcome(guest("edit", scope), operation, { path, hidden: false, protected: false })).toBe(expected);
  });

  it("R10, R11: hidden is refused whatever is done, protected only for changes", () => {
    for (const operation of files) {
      expect(outcome(guest("terminal"), operation, { ...inside, hidden: true })).toBe("hidden");
      const looks = ["list", "read", "search", "watch", "comment"].includes(operation);
      expect(outcome(guest("terminal"), operation, { ...inside, protected: true })).toBe(looks ? "yes" : "protected");
    }
  });

  it("refuses what names no file", () => {
    for (const operation of files) expect(outcome(guest("terminal"), operation)).toBe("target");
  });

  it.each([
    ["an unknown operation", { ...guest("terminal") }, "format", "level"],
    ["a property of Object", { ...guest("terminal") }, "constructor", "level"],
    ["an unknown level", { ...guest("terminal"), level: "admin" }, "read", "level"],
    ["a level of Object's", { ...guest("terminal"), level: "__proto__" }, "read", "level"],
    ["an unknown state", { ...guest("terminal"), state: "paused" }, "read", "ended"],
    ["an unknown scope", { ...guest("terminal"), scope: { kind: "all" } }, "read", "scope"],
    ["an unknown kind of person", { kind: "admin" }, "read", "ended"],
  ])("denies by default: %s", (_name, actor, operation, expected) => {
    expect(outcome(actor as unknown as Actor, operation as Operation, inside)).toBe(expected);
  });

  const anyGuest = fc.record({
    kind: fc.constant("guest" as const),
    level: fc.constantFrom(...levels),
    scope: fc.constantFrom(...scopes),
    state: fc.constantFrom(...shareStates),
  });
  const anyTarget = fc.record({
    path: fc.constantFrom("", "src", "src/a.py", "src/b", "src2", "other/deep/file"),
    hidden: fc.boolean(),
    protected: fc.boolean(),
  });
  const anyOperation = fc.constantFrom(...operations);

  it("nothing is permitted once a share or a guest's part in it has ended", () => {
    fc.assert(
      fc.property(anyGuest, anyOperation, anyTarget, (actor, operation, target) => {
        if (actor.state !== "live") expect(outcome(actor, operation, target)).toBe("ended");
      }),
    );
  });

  it("a lower level or narrower scope never permits what a higher one refuses", () => {
    fc.assert(
      fc.property(anyGuest, anyOperation, anyTarget, (actor, operation, target) => {
        if (outcome(actor, operation, target) !== "yes") return;
        for (const level of levels.slice(levels.indexOf(actor.level))) {
          expect(outcome({ ...actor, level }, operation, target)).toBe("yes");
        }
        expect(outcome({ ...actor, scope: workspace }, operation, target)).toBe("yes");
      }),
    );
  });

  it("depends on its question alone, and leaves it as it is", () => {
    fc.assert(
      fc.property(anyGuest, anyOperation, anyTarget, (actor, operation, target) => {
        const before = JSON.stringify([actor, target]);
        expect(outcome(actor, operation, target)).toBe(outcome({ ...actor }, operation, { ...target }));
        expect(JSON.stringify([actor, target])).toBe(before);
      }),
    );
  });
});
