import { answerRequests } from "../../system/worker-thread.ts";
import { keepMine, mergeTexts } from "./merge.ts";
import type { MergeAnswer, MergeRequest } from "./merger.ts";

// A thread of its own: two texts that differ much delay no other request (RULES R14).
answerRequests(({ base, mine, theirs, keepsMine }: MergeRequest): MergeAnswer => {
  if (!keepsMine) return { merged: mergeTexts(base, mine, theirs), overlaps: false };
  const kept = keepMine(base, mine, theirs);
  return { merged: kept?.text, overlaps: kept?.overlaps ?? true };
});
