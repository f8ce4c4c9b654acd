import { defaultLife } from "@waiide/protocol";
import { expect, it } from "vitest";
import { oneDay, oneStep } from "../../../src/create/one-step.ts";
import { shareInfo } from "../support/share-info.ts";

it("the Share button gives View Only for a day to anyone with the link", () => {
  expect(oneStep(shareInfo())).toEqual({ level: "view", recipient: null, approve: false, life: defaultLife });
  expect(oneDay).toBe(defaultLife);
});

it("R19: an administrator's limits hold for the Share button", () => {
  const hour = shareInfo({ view: { longest_life: 3_600 } });
  expect(oneStep(hour)?.life).toBe(3_600);
  expect(oneStep({ ...shareInfo(), approval: "always" })?.approve).toBe(true);
  const named = shareInfo({ view: { allowed: false, allowed_named: true, reason: "no links" } });
  expect(oneStep(named)).toBeUndefined();
  expect(oneStep({ ...shareInfo(), links: false })).toBeUndefined();
  expect(oneStep(shareInfo({ view: { allowed: false, reason: "off" } }))).toBeUndefined();
});
