import { parentPort } from "node:worker_threads";
import { mergeTexts } from "./merge.ts";
import type { MergeAnswer, MergeRequest } from "./merger.ts";

/** Merges in a thread of its own, so that two very different texts delay no request (RULES R14). */
parentPort?.on("message", ({ id, base, mine, theirs }: MergeRequest) => {
  parentPort?.postMessage({ id, merged: mergeTexts(base, mine, theirs) } satisfies MergeAnswer);
});
