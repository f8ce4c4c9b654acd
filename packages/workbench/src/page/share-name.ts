import type { Shared } from "@waiide/protocol";
import { scopeFacts } from "@waiide/protocol/share-facts";

/** The name of the shared file, folder or commit, without its path. */
export function shareName({ scope, root_name, commit }: Pick<Shared, "scope" | "root_name" | "commit">): string {
  const { name } = scopeFacts(scope, root_name);
  return commit === undefined ? name : `${name} (${commit.name})`;
}
