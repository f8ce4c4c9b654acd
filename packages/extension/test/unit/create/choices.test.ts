import type { ShareInfo } from "@waiide/protocol";
import { expect, it } from "vitest";
import { levelChoices, lifeChoices, whomChoices } from "../../../src/create/choices.ts";

function info(change: Partial<ShareInfo> = {}): ShareInfo {
  const level = (name: "view" | "edit" | "terminal", more = {}) => ({
    level: name,
    permission: { view: "View Only", edit: "Full Access", terminal: "Terminal Access" }[name] as "View Only",
    promise: `promise of ${name}`,
    allowed: true,
    longest_life: null,
    ...more,
  });
  return {
    sharing_available: true,
    environment: "jupyterhub",
    user: "alice",
    server_name: "",
    workspace: "/w",
    public_url: null,
    levels: [
      level("view"),
      level("edit", { longest_life: 4 * 3_600 }),
      level("terminal", { allowed: false, allowed_named: true, reason: "links up to Full Access" }),
    ],
    most_shares: 10,
    hidden: [],
    protected: [],
    ...change,
  };
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
