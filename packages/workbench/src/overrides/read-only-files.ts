import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import type { IBaseFileStat } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files";
import { FilesConfigurationService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/filesConfiguration/common/filesConfigurationService";
import type { Addresses } from "../files/addresses.ts";
import type { ReadOnlyReasons } from "../files/read-only-reasons.ts";

/** Explains why a file is read-only. VS Code itself explains every one by “the file is read-only”. */
export function filesConfiguration(addresses: Addresses, reasons: ReadOnlyReasons): typeof FilesConfigurationService {
  return class extends FilesConfigurationService {
    override isReadonly(resource: URI, stat?: IBaseFileStat): ReturnType<FilesConfigurationService["isReadonly"]> {
      const path = addresses.pathOf(resource);
      const isFixed = (one: string) => stat?.readonly || reasons.ofShare !== undefined || reasons.isForeign(one);
      return (path !== undefined && isFixed(path) && reasons.of(path)) || super.isReadonly(resource, stat);
    }
  };
}
