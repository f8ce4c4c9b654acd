import type { CreatedShare, Share, ShareInfo } from "@waiide/protocol";
import { window } from "vscode";
import type { Choice } from "../create/choices.ts";
import type { Draft } from "../create/draft.ts";
import { pickOne } from "../create/questions.ts";
import { type SharingFlow, tellFailure } from "../create/sharing.ts";
import { levelStep, lifeStep, nameStep, whomStep } from "../create/steps.ts";
import { adviseRestrictedMode } from "../server/restricted-mode.ts";
import { t } from "../text/translation.ts";
import { kindInWords, recipientInWords, timeLeftInWords } from "../text/words.ts";
import type { ShareApi } from "./api.ts";
import { isHigher, requestLike } from "./replacement.ts";
import type { ShareState } from "./state.ts";

export interface ChangeParts {
  readonly api: Pick<ShareApi, "info" | "change" | "revoke">;
  readonly state: Pick<ShareState, "decided">;
  readonly flow: Pick<SharingFlow, "create">;
}

type What = "level" | "expiry" | "people" | "revoke";

/**
 * “Change…” of a link that was just made. What the gateway cannot change, such as a higher level, makes another share in its
 * place: nobody who has the first link gets more by it.
 * @returns the share as it is then; undefined: it has ended
 */
export async function changeShare(share: CreatedShare, parts: ChangeParts): Promise<CreatedShare | undefined> {
  const info = await parts.api.info();
  const answer = await pickOne<What>({
    title: t("Change the Share of {0}", kindInWords(share.scope, share.commit)),
    placeholder: t("What do you want to change?"),
    choices: choicesFor(share),
    position: { step: 1, of: 1 },
  });
  if (answer === undefined || answer === "back") return share;
  try {
    if (answer.value === "revoke") {
      await parts.api.revoke(share.id);
      return undefined;
    }
    const draft = await ask(share, info, answer.value);
    return draft === undefined ? share : await changed(share, info, draft, parts);
  } catch (error) {
    void tellFailure(error);
    return share;
  }
}

function choicesFor(share: CreatedShare): Choice<What>[] {
  const isFixed = share.commit !== null || share.level === "app";
  const level: Choice<What> = { value: "level", label: t("Level"), description: share.permission, icon: "shield" };
  const people = share.approve ? t("anyone whom you accept") : recipientInWords(share);
  return [
    ...(isFixed ? [] : [level]),
    { value: "expiry", label: t("Expiry"), description: timeLeftInWords(share, Date.now()), icon: "clock" },
    ...(isFixed ? [] : [{ value: "people" as const, label: t("People"), description: people, icon: "person" }]),
    { value: "revoke", label: t("Revoke"), detail: t("The link stops working at once."), icon: "circle-slash" },
  ];
}

async function ask(share: Share, info: ShareInfo, what: Exclude<What, "revoke">): Promise<Draft | undefined> {
  const alone = { step: 1, of: 1 };
  const now: Draft = {
    root: share.root,
    level: share.level,
    recipient: share.with,
    approve: share.approve,
    ...placeOf(share),
  };
  const steps = { level: [levelStep(info)], expiry: [lifeStep(info, {})], people: [whomStep(info), nameStep] };
  let draft: Draft = now;
  for (const step of steps[what]) {
    if (!step.asks(draft)) continue;
    const result = await step.ask(draft, alone);
    if (result === undefined || result === "back") return undefined;
    draft = result;
  }
  return draft;
}

/** For the questions' titles. */
function placeOf({ scope }: Share): Pick<Draft, "target"> {
  if (scope.kind === "workspace" || scope.kind === "app") return { target: { kind: "workspace" } };
  if (scope.kind !== "selection") return { target: { kind: scope.kind, path: scope.path } };
  const { path, line, col, end_line } = scope;
  return { target: { kind: "selection", path, line, col, endLine: end_line } };
}

async function changed(
  share: CreatedShare,
  info: ShareInfo,
  draft: Draft,
  { api, state, flow }: ChangeParts,
): Promise<CreatedShare | undefined> {
  const { level = share.level, recipient = null, approve = false, life } = draft;
  const inPlace = {
    ...(level === share.level ? {} : { permission: level }),
    ...(approve === share.approve ? {} : { approve }),
    ...(life === undefined ? {} : { expires_in: life }),
  };
  const isSamePeople = JSON.stringify(recipient) === JSON.stringify(share.with);
  if (isSamePeople && !isHigher(info, level, share.level)) {
    if (Object.keys(inPlace).length === 0) return share;
    return { ...share, ...(await api.change(share.id, inPlace)), url: share.url };
  }
  const made = await flow.create(requestLike(share, info, { level, recipient, approve }));
  if (made === undefined) return share;
  state.decided(share.id);
  await api.revoke(share.id);
  void adviseRestrictedMode(made, info);
  window.setStatusBarMessage(t("The first link is revoked; the new one is copied."), 10_000);
  return made;
}
