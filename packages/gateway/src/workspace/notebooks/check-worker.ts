import { parentPort } from "node:worker_threads";
import { FileError } from "../file-error.ts";
import type { CheckAnswer, CheckRequest } from "./checker.ts";
import { requireInertNotebook } from "./notebook.ts";

/** Parses notebooks in a thread of its own, so that a notebook made to be slow delays no request (RULES R14). */
parentPort?.on("message", ({ id, bytes, before }: CheckRequest) => {
  parentPort?.postMessage({ id, refusal: refusalOf(bytes, before) } satisfies CheckAnswer);
});

function refusalOf(bytes: Uint8Array, before: readonly Uint8Array[]): string | undefined {
  try {
    requireInertNotebook(
      Buffer.from(bytes),
      before.map((one) => Buffer.from(one)),
    );
    return undefined;
  } catch (error) {
    if (error instanceof FileError) return error.message;
    throw error;
  }
}
