import type { Params, Result } from "@waiide/protocol";
import { FileError } from "./file-error.ts";
import type { Guest } from "./guest.ts";
import type { SelectionAccess } from "./selection-access.ts";
import type { WorkspaceParts } from "./workspace.ts";

export class Searching {
  constructor(_parts: WorkspaceParts, _guest: Guest, _selection: SelectionAccess | undefined) {}

  async search(_params: Params<"search">, _signal: AbortSignal): Promise<Result<"search">> {
    throw new FileError("FAILED", "Not yet.");
  }

  async find(_params: Params<"find">, _signal: AbortSignal): Promise<Result<"find">> {
    throw new FileError("FAILED", "Not yet.");
  }
}
