import { answerRequests } from "../../system/worker-thread.ts";
import { FileError } from "../file-error.ts";
import type { CheckRequest } from "./checker.ts";
import { requireInertNotebook } from "./notebook.ts";

// A thread of its own: a notebook that is made to be slow delays no other request (RULES R14).
answerRequests(({ bytes, before }: CheckRequest) => ({ refusal: refusalOf(bytes, before) }));

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
