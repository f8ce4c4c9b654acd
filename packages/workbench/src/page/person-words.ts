import type { Person } from "@waiide/protocol";

/** How a person is called on the page. */
export function personName({ name, is_owner }: Pick<Person, "name" | "is_owner">): string {
  return is_owner ? `${name} (owner)` : name;
}

/** Where a person is, as the end of a phrase; empty: nowhere. */
export function placeWords({ path, is_elsewhere }: Pick<Person, "path" | "is_elsewhere">): string {
  if (is_elsewhere) return "in a file that is not shared";
  return path ? `in ${path}` : "";
}
