import type { ShareInfo } from "@waiide/protocol";
import { expect, it } from "vitest";
import { levelChoices, lifeChoices, whomChoices } from "../../../src/create/choices.ts";
import { shareInfo } from "../support/share-info.ts";

function info(change: Partial<ShareInfo> = {}): ShareInfo {
  const levels = shareInfo({
    edit: { longest_life: 4 * 3_600 },
    terminal: { allowed: false, allowed_named: true, reason: "links up to Full Access" },
  });
  return { ...levels, ...change };
}

it("R19: a level above a ceiling says why; with a hub, one for named people can be chosen", () => {
  expect(levelChoices(info())).toMatchObject([
    { value: "view", label: "View Only", detail: "promise of view" },
    { value: "edit" },
    { value: "terminal", description: "with named people only" },
  ]);
  expect(levelChoices(info()).map(({ refused }) => refused)).toEqual([undefined, undefined, undefined]);
  const alone = levelChoices(info({ environment: "standalone" }));
  expect(alone.map(({ refused }) => refused)).toEqual([undefined, undefined, "links up to Full Access"]);
});

it("without a hub there is only the link; with one, a forbidden link says why", () => {
  const alone = info({ environment: "standalone" });
  expect(whomChoices(alone, "view").map(({ value }) => value)).toEqual(["link", "accepted"]);
  const always = whomChoices({ ...alone, approval: "always" }, "view");
  expect(always.map(({ value }) => value)).toEqual(["accepted"]);
  expect(whomChoices(info(), "terminal")).toMatchObject([
    { value: "link", refused: "links up to Full Access" },
    { value: "accepted", refused: "links up to Full Access" },
    { value: "user" },
    { value: "group" },
  ]);
  expect(whomChoices(info({ hub_users_only: true }), "view")[0]?.description).toBe("who can log in at the hub");
});

it("expiry: an hour to never; a longer one than the ceiling says so", () => {
  const labels = lifeChoices(info(), "view").map(({ label, value }) => [label, value]);
  expect(labels).toEqual([
    ["1 hour", 3_600],
    ["4 hours", 14_400],
    ["24 hours", 86_400],
    ["7 days", 604_800],
    ["Never", null],
  ]);
  expect(lifeChoices(info(), "edit").map(({ refused }) => refused)).toEqual([
    undefined,
    undefined,
    "at most 4 hours",
    "at most 4 hours",
    "at most 4 hours",
  ]);
});
