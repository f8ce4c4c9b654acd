import type { Shared } from "@waiide/protocol";
import { scopeFacts } from "@waiide/protocol/share-facts";

/** The name of the shared file or folder, without its path. */
export function shareName({ scope, root_name }: Pick<Shared, "scope" | "root_name">): string {
  return scopeFacts(scope, root_name).name;
}
