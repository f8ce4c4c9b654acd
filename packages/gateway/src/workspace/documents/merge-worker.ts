import { answerRequests } from "../../system/worker-thread.ts";
import { mergeTexts } from "./merge.ts";
import type { MergeRequest } from "./merger.ts";

// A thread of its own: two texts that differ much delay no other request (RULES R14).
answerRequests(({ base, mine, theirs }: MergeRequest) => ({ merged: mergeTexts(base, mine, theirs) }));
