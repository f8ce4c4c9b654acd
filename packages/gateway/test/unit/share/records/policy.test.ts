import { describe, expect, it } from "vitest";
import {
  endOf,
  levelChoices,
  levelRefusal,
  lifeRefusal,
  maxLifeOf,
  type PolicySettings,
} from "../../../../src/share/records/policy.ts";

const open: PolicySettings = {
  level: "terminal",
  linkLevel: "terminal",
  links: true,
  hubUsersOnly: false,
  approval: "optional",
  talk: true,
  maxLife: 0,
  terminalMaxLife: 604_800,
  maxShares: 100,
  terminals: true,
  apps: "ports",
  copies: true,
};

describe("R19: ceilings", () => {
  it.each([
    ["everything permitted", {}, [true, true, true]],
    ["links up to Full Access", { linkLevel: "edit" }, [true, true, false]],
    ["nothing above View Only", { level: "view" }, [true, false, false]],
    ["no links", { links: false }, [false, false, false]],
  ] as const)("%s", (_name, settings, allowed) => {
    const policy = { ...open, ...settings };
    expect(levelChoices(policy).map((choice) => choice.allowed)).toEqual(allowed);
    for (const { level, allowed: isAllowed } of levelChoices(policy)) {
      expect(levelRefusal(level, policy) === undefined).toBe(isAllowed);
    }
  });

  it("named people need no link, but no more than the highest level", () => {
    const policy: PolicySettings = { ...open, links: false, linkLevel: "view", level: "edit" };
    expect(levelRefusal("edit", policy, true)).toBeUndefined();
    expect(levelRefusal("edit", policy)).toBeDefined();
    expect(levelRefusal("terminal", policy, true)).toContain("Full Access");
    expect(levelRefusal("terminal", { ...open, linkLevel: "edit" }, true)).toBeUndefined();
  });

  it.each([
    ["view", 0, null],
    ["terminal", 0, 604_800],
    ["view", 3_600, 3_600],
    ["terminal", 3_600, 3_600],
    ["terminal", 1_000_000, 604_800],
  ] as const)("%s with a longest life of %d s: %s", (level, maxLife, expected) => {
    expect(maxLifeOf(level, { ...open, maxLife })).toBe(expected);
  });

  it("“never” is longer than any limit", () => {
    expect(lifeRefusal("view", null, open)).toBeUndefined();
    expect(lifeRefusal("terminal", null, open)).toContain("7 days");
    expect(lifeRefusal("terminal", 604_800, open)).toBeUndefined();
    expect(lifeRefusal("terminal", 604_801, open)).toBeDefined();
  });

  it("shortens the life of what was made under wider ones, and lengthens none", () => {
    const share = { level: "view", app: null, createdAt: 1_000, expiresAt: null } as const;
    expect(endOf(share, open)).toBeNull();
    expect(endOf(share, { ...open, maxLife: 60 })).toBe(61_000);
    expect(endOf({ ...share, expiresAt: 2_000 }, { ...open, maxLife: 60 })).toBe(2_000);
  });
});
