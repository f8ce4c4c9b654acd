import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { Status } from "@waiide/protocol";

/** An extension of the settings that could not be installed, and why. */
export type FailedExtension = NonNullable<Status["ide"]["failed_extensions"]>[number];

/** @returns what a program's standard error says of its failure: one line at most, the last that names one, without a stack */
export function lastComplaint(stream: Readable): () => readonly string[] {
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text = `${text}${chunk}`.slice(-20_000);
  });
  return () => {
    const lines = stripVTControlCharacters(text)
      .split("\n")
      .map((line) => line.trim());
    const named = lines.filter(
      (line) => /error|fail|not found|cannot|unable|E[A-Z]{4,}/i.test(line) && !/^at /.test(line),
    );
    return named.slice(-1).map((line) => line.slice(0, 300));
  };
}
