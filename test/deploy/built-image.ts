import { resolve } from "node:path";
import type { Engine } from "../../scripts/environments/containers.ts";

const repository = resolve(import.meta.dirname, "../..");

/**
 * The image as the Dockerfile alone builds it; what did not change since the last run is taken from there. Or another one that
 * podman has, named by IMAGE_UNDER_TEST.
 */
export async function builtImage(engine: Engine): Promise<string> {
  const given = process.env.IMAGE_UNDER_TEST;
  if (given) return given;
  const tag = "localhost/waiide-built:latest";
  await engine.build(repository, tag);
  return tag;
}
