import { describe, expect, it } from "vitest";
import { hubAddress, hubOrigins } from "../../../src/hub/hub.ts";

describe("where the hub is, from the browser's side", () => {
  it.each([
    ["", "/", "/hub/"],
    ["", "/jupyter/", "/jupyter/hub/"],
    ["https://hub.example", "/jupyter/", "https://hub.example/jupyter/hub/"],
  ])("host “%s”, base URL %s: %s", (host, baseUrl, expected) => {
    expect(hubAddress({ host, baseUrl })).toBe(expected);
  });

  it.each([
    [undefined, "", []],
    ["https://alice.hub.example/user/alice/", "", ["https://alice.hub.example"]],
    [
      "https://alice.hub.example:8443/x/",
      "https://hub.example",
      ["https://alice.hub.example:8443", "https://hub.example"],
    ],
    ["/user/alice/", "not an address", []],
  ])("R5: pages of %s and %s may send requests", (publicUrl, host, expected) => {
    expect(hubOrigins({ publicUrl, host })).toEqual(expected);
  });
});
