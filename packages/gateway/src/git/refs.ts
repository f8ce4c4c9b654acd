import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessMissing } from "../system/missing-file.ts";
import type { OwnerRepository } from "./owner-repository.ts";

/** As git does, for a ref that names another. */
const maxSteps = 5;

const id = /^[0-9a-f]{40,64}$/;

/**
 * The commit that a ref of the owner is at, without running git: this is asked every few seconds.
 * @param name in full, as git gave it
 * @returns undefined: there is no such ref any more
 */
export async function readRef(
  { commonFolder }: Pick<OwnerRepository, "commonFolder">,
  name: string,
): Promise<string | undefined> {
  let at = name;
  for (let step = 0; step < maxSteps; step += 1) {
    const text = (await unlessMissing(readFile(join(commonFolder, at), "utf8")))?.trim();
    const [, next] = /^ref: (refs\/\S+)$/.exec(text ?? "") ?? [];
    if (next === undefined) return text !== undefined && id.test(text) ? text : packed(commonFolder, at);
    if (next.includes("..")) return undefined;
    at = next;
  }
  return undefined;
}

async function packed(commonFolder: string, name: string): Promise<string | undefined> {
  const text = (await unlessMissing(readFile(join(commonFolder, "packed-refs"), "utf8"))) ?? "";
  const line = text.split("\n").find((one) => one.endsWith(` ${name}`));
  const found = line?.slice(0, -name.length - 1);
  return found !== undefined && id.test(found) ? found : undefined;
}
