import type { Shared } from "@waiide/protocol";

/** The name of the shared file or folder, without its path. */
export function shareName({ scope, root_name }: Pick<Shared, "scope" | "root_name">): string {
  return "path" in scope ? (scope.path.split("/").at(-1) ?? "") : root_name;
}
