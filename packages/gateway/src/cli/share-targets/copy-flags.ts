import type { CopyChoice, CreateShare } from "@waiide/protocol";
import type { Command } from "commander";
import { GatewayError } from "../../base/errors.ts";

export interface CopyFlags {
  readonly copy?: true;
  readonly copySettings?: string;
  /** false: `--no-copy-files`. */
  readonly copyFiles?: boolean;
  readonly copyExtensions?: boolean;
}

/** Gives “waiide share create” the flags for what others may copy. */
export function withCopyFlags(command: Command): Command {
  return command
    .option("--copy", "others may make their own copy: files, names of extensions, what is needed to run it")
    .option("--copy-settings <keys>", "settings in the copy, by key: python.testing.pytestEnabled,editor.rulers")
    .option("--no-copy-files", "no files in the copy, only what describes the environment")
    .option("--no-copy-extensions", "no names of extensions in the copy");
}

/** @throws GatewayError USAGE */
export function copyOfFlags({ copy, copySettings, copyFiles, copyExtensions }: CopyFlags): Pick<CreateShare, "copy"> {
  const choice: CopyChoice = {
    files: copyFiles !== false,
    settings: keysOf(copySettings ?? ""),
    extensions: copyExtensions !== false,
  };
  if (copy) return { copy: choice };
  if (choice.files && choice.extensions && copySettings === undefined) return {};
  const reason = "--copy-settings, --no-copy-files and --no-copy-extensions need --copy.";
  throw new GatewayError("USAGE", { reason });
}

/** `a.b, c.d` as a list. */
export function keysOf(text: string): string[] {
  const keys = text.split(",").map((key) => key.trim());
  return [...new Set(keys.filter((key) => key !== ""))];
}
