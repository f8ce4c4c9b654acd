import type { NotLiveReason, RefusedReason } from "@waiide/protocol";

/** Why people cannot write in a file together; none: it says enough itself, or it is nobody's concern. */
export const notLiveWords: Readonly<Record<NotLiveReason | "missing" | "failed", string | undefined>> = {
  binary: undefined,
  notebook: undefined,
  missing: undefined,
  off: undefined,
  encoding: undefined,
  large: "the file is too large to be written in together",
  "line-endings": "the file has mixed line endings",
  linked: "the file has a second name on the owner's disk",
  outdated: "the position of this part in its file is no longer certain",
  limit: "too many files are open in this share",
  failed: "the file could not be opened for writing together",
};

/** Why a change was taken back, as the end of a sentence. */
export const refusedWords: Readonly<Record<RefusedReason, string>> = {
  level: "this share is View Only",
  scope: "guests cannot change this here",
  protected: "the owner's tools may run this file, so guests cannot change it",
  locked: "the file is read-only on the owner's disk",
  outdated: "the position of this part in its file is no longer certain",
  ended: "the share has ended",
  limit: "it was too much at once",
  invalid: "it did not fit the text",
};
