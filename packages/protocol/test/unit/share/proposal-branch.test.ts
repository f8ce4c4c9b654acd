import { expect, it } from "vitest";
import { proposalBranch } from "../../../src/index.ts";

it.each([
  ["bob", "from/bob"],
  ["eve@x.org", "from/eve%40x.org"],
  ["a/b", "from/a%2Fb"],
  [".hidden", "from/%2Ehidden"],
  ["a..b", "from/a%2E.b"],
  ["x.lock", "from/x%2Elock"],
  ["end.", "from/end%2E"],
  ["é ~^:?*[\\", "from/%C3%A9%20%7E%5E%3A%3F%2A%5B%5C"],
])("%j of the hub pushes to %s", (user, branch) => {
  expect(proposalBranch(user)).toBe(branch);
});
