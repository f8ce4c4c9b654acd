import type { Copy, CopyDifference } from "@waiide/protocol";

/** What a copy depends on, besides its files. */
export interface Environment {
  readonly image: string | undefined;
  readonly python: string | undefined;
}

/** What differs here from what a copy was made in; the same is not named. */
export function differencesOf({ image, python }: Pick<Copy, "image" | "python">, yours: Environment): CopyDifference[] {
  const differences: CopyDifference[] = [];
  if (image !== null && image !== yours.image)
    differences.push({ what: "image", theirs: image, yours: yours.image ?? null });
  // The third number is a correction.
  const isSame = yours.python !== undefined && minorOf(yours.python) === minorOf(python ?? "");
  if (python !== null && !isSame) differences.push({ what: "python", theirs: python, yours: yours.python ?? null });
  return differences;
}

function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
