import type { Shared } from "@waiide/protocol";

/** What people call what is shared: the name of the file or folder alone. */
export function shareName({ scope, root_name }: Pick<Shared, "scope" | "root_name">): string {
  return "path" in scope ? (scope.path.split("/").at(-1) ?? "") : root_name;
}
