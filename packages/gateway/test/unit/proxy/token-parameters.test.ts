import { describe, expect, test } from "vitest";
import { tokenParameters, withoutTokens } from "../../../src/proxy/token-parameters.ts";

describe("R4: token parameters of a query", () => {
  test.each([
    ["", ""],
    ["?", "?"],
    ["?token=s", ""],
    ["?token=s&a=1", "?a=1"],
    ["?a=%20+b&token=s&&c=%zz&d", "?a=%20+b&&c=%zz&d"],
    ["?a=1&token=s&token=t", "?a=1&token=t"],
    ["?a=1&token=%73", "?a=1"],
    ["?%74oke%6E=s&a=1", "?a=1"],
    ["?tokens=s&xtoken=s&a=token=s&token&TOKEN=s", "?tokens=s&xtoken=s&a=token=s&token&TOKEN=s"],
    ["?token=", "?token="],
    ["?token=ss&token=S", "?token=ss&token=S"],
    ["?%E9token=s&%=s", "?%E9token=s&%=s"],
  ])("%s without our own is %s, byte for byte", (query, left) => {
    expect(withoutTokens(query, new Set(["s"]))).toBe(left);
  });

  test("are found however name and value are spelt", () => {
    expect(tokenParameters("?a=1&%74oken=x%2Fy&token=a+b&tokens=z&token=%zz")).toEqual(["x/y", "a b", "%zz"]);
    expect(tokenParameters("?token&tokenx=1")).toEqual([]);
  });
});
