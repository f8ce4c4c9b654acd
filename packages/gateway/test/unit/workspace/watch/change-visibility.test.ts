import type { Actor } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { Rights } from "../../../../src/workspace/rules/rights.ts";
import { FileRules } from "../../../../src/workspace/rules/rules.ts";
import { ChangeVisibility } from "../../../../src/workspace/watch/change-visibility.ts";

const rules = new FileRules({ hidden: [], protected: [], isHome: false });
const viewer: Actor = { kind: "guest", level: "view", scope: { kind: "workspace" }, state: "live" };

function rightsOf(actor: Actor): Rights {
  return new Rights(actor, rules, []);
}

describe("R14: what many guests watch", () => {
  it("is scanned once for all with the same rights", async () => {
    const visibility = new ChangeVisibility();
    let looks = 0;
    const look = async () => {
      looks += 1;
      return true;
    };
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => visibility.may(rightsOf({ ...viewer }), ["changed", "a.txt"], look)),
    );
    expect(answers).toEqual(Array.from({ length: 30 }, () => true));
    expect(looks).toBe(1);
    await visibility.may(rightsOf(viewer), ["changed", "b.txt"], look);
    expect(looks).toBe(2);
  });

  it("R9: never for a person with other rights: level, scope and state are each checked", async () => {
    const visibility = new ChangeVisibility();
    const others: Actor[] = [
      { ...viewer, level: "edit" },
      { ...viewer, scope: { kind: "folder", path: "d" } },
      { ...viewer, scope: { kind: "file", path: "d" } },
      { ...viewer, state: "revoked" },
    ];
    expect(await visibility.may(rightsOf(viewer), ["changed", "a.txt"], async () => true)).toBe(true);
    for (const actor of others) {
      expect(await visibility.may(rightsOf(actor), ["changed", "a.txt"], async () => false)).toBe(false);
    }
  });

  it("is scanned again at the next notification", async () => {
    const ask = (visibility: ChangeVisibility, is: boolean) =>
      visibility.may(rightsOf(viewer), ["changed", "a.txt"], async () => is);
    expect(await ask(new ChangeVisibility(), true)).toBe(true);
    expect(await ask(new ChangeVisibility(), false)).toBe(false);
  });
});
