import { expect, it } from "vitest";
import { safeNext } from "../../../src/pages/login-routes.ts";

it.each([
  ["/user/alice/ide/?folder=/x#y", "/user/alice/ide/?folder=/x#y"],
  ["/user/alice/", "/user/alice/"],
  [undefined, "/user/alice/"],
  ["/user/bob/", "/user/alice/"],
  ["/user/alice/../bob/", "/user/alice/"],
  ["/user/alice/%2e%2e/bob/", "/user/alice/"],
  ["//evil.example/user/alice/", "/user/alice/"],
  ["/\\evil.example", "/user/alice/"],
  ["\\\\evil.example", "/user/alice/"],
  ["https://evil.example/user/alice/", "/user/alice/"],
  ["https:evil.example", "/user/alice/"],
  ["javascript:alert(1)", "/user/alice/"],
  ["\t//evil.example", "/user/alice/"],
  ["/\t/evil.example", "/user/alice/"],
  ["", "/user/alice/"],
])("R3: after login %j leads to %j", (next, expected) => {
  expect(safeNext(next, "/user/alice/")).toBe(expected);
});

it("keeps a base URL of / on this host", () => {
  for (const next of ["//evil.example", "/\\evil.example", "/\t/evil.example", "/.//evil.example"]) {
    expect(safeNext(next, "/")).toBe("/");
  }
});
