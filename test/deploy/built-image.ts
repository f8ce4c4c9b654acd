import { resolve } from "node:path";
import type { Engine } from "../../scripts/containers.mjs";

const repository = resolve(import.meta.dirname, "../..");

/** The image as the Dockerfile alone builds it. What did not change since the last run is taken from there. */
export async function builtImage(engine: Engine): Promise<string> {
  const tag = "localhost/waiide-built:latest";
  await engine.build(repository, tag);
  return tag;
}
