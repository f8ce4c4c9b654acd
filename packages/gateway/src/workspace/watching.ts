import type { Params, Result } from "@waiide/protocol";
import { FileError } from "./file-error.ts";
import type { Guest } from "./guest.ts";
import type { SelectionAccess } from "./selection-access.ts";
import type { WorkspaceParts } from "./workspace.ts";

export class Watching {
  constructor(_parts: WorkspaceParts, _guest: Guest, _selection: SelectionAccess | undefined) {}

  async watch(_params: Params<"watch">): Promise<Result<"watch">> {
    throw new FileError("FAILED", "Not yet.");
  }

  async unwatch(_params: Params<"unwatch">): Promise<Result<"unwatch">> {
    return {};
  }

  close(): void {}
}
