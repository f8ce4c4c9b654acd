import type { ShareInfo } from "@waiide/protocol";
import { whomChoices } from "./choices.ts";
import type { Draft } from "./draft.ts";

/** A day, in seconds; the same as `defaultLife` of the protocol (a test compares them). */
export const oneDay = 86_400;

/** All answers but the place: View Only, for a day, for anyone with the link, as far as an administrator permits. */
export type OneStep = Pick<Draft, "level" | "recipient" | "approve" | "life">;

/**
 * What the Share button gives without a question.
 * @returns undefined if the owner must choose people, because there may be no such link
 */
export function oneStep(info: ShareInfo): OneStep | undefined {
  const level = info.levels.find((one) => one.level === "view");
  const whom = whomChoices(info, "view")[0];
  if (level?.allowed !== true || whom === undefined || whom.refused !== undefined) return undefined;
  if (info.links === false || (whom.value !== "link" && whom.value !== "accepted")) return undefined;
  const life = Math.min(oneDay, level.longest_life ?? oneDay);
  return { level: "view", recipient: null, approve: whom.value === "accepted", life };
}
