import { expect, it } from "vitest";
import { type ExposureSigns, exposureOf } from "../../../src/hub/exposure.ts";

const hidden: ExposureSigns = { platform: "linux", user: 1000, environmentOwner: 0, passHubToken: false };

it.each([
  ["hidden by the kernel", {}, undefined],
  ["readable by the same user", { environmentOwner: 1000 }, "same user"],
  ["root's", { user: 0 }, "root"],
  ["given away", { passHubToken: true }, "--pass-hub-token"],
  ["on another system", { platform: "darwin" }, "Linux"],
  ["without a user", { user: undefined, environmentOwner: "ENOENT" }, "ENOENT"],
] as const)("R4: an environment that is %s", (_what, signs, reason) => {
  const found = exposureOf({ ...hidden, ...signs });
  if (reason === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(reason);
});
