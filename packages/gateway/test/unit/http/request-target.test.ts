import { expect, it } from "vitest";
import { originForm, respelled, splitTarget } from "../../../src/http/request-target.ts";

it.each([
  ["/", "/", { path: "/", query: "" }],
  ["/user/alice/", "/user/alice/", { path: "/", query: "" }],
  ["/user/alice/a%2Fb/@x//y?q=/z?", "/user/alice/", { path: "/a%2Fb/@x//y", query: "?q=/z?" }],
  ["//evil.example/", "/", { path: "//evil.example/", query: "" }],
  ["/user/alice", "/user/alice/", undefined],
  ["/user/alicex/", "/user/alice/", undefined],
  ["/?/user/alice/", "/user/alice/", undefined],
  ["http://host/user/alice/", "/user/alice/", "invalid"],
  ["*", "/", "invalid"],
  ["", "/", "invalid"],
])("splits %s at %s", (url, baseUrl, expected) => {
  expect(splitTarget(url, baseUrl)).toEqual(expected);
});

it.each([
  ["/user/bob%40ex.org/ide/?a=%40", "ide/?a=%40"],
  ["/%75ser/bob@ex.org/a%2Fb", "a%2Fb"],
  ["/user/bob@ex.org", ""],
  ["/user/bob@ex.org?a=1", "?a=1"],
  ["/user/bob%40ex.orgx/", undefined],
  ["/user%2Fbob@ex.org/", undefined],
  ["/user/bob%4/", undefined],
  ["/user/", undefined],
  ["/", undefined],
])("understands %s as a spelling of the base URL: %s", (target, expected) => {
  expect(respelled(target, "/user/bob@ex.org/")).toBe(expected);
});

it("respelled addresses lead inside, so that a redirect to them is the last one", () => {
  for (const target of ["/user/bob%40ex.org//evil.example/", "/user/bob%40ex.org/../x", "/user/%62ob@ex.org"]) {
    expect(splitTarget(`/user/bob@ex.org/${respelled(target, "/user/bob@ex.org/")}`, "/user/bob@ex.org/")).toBeTypeOf(
      "object",
    );
  }
});

it.each([
  ["/a?b=c", "h", "/a?b=c"],
  ["/a?b#c?d", "h", "/a?b"],
  ["/a#b", "h", "/a"],
  ["/#/../b", "h", "/"],
  ["/a%23b", "h", "/a%23b"],
  ["//evil.example/#x", "h", "//evil.example/"],
  ["http://h/a?b#c", "h", "/a?b"],
  ["https://H:443/a", "h", "/a"],
  ["HTTP://h", "h:80", "/"],
  ["http://h?x", "h", "/?x"],
  ["http://[0:0::1]:8070/x", "[::1]:8070", "/x"],
  ["http://h//evil.example/", "h", "//evil.example/"],
  ["http://evil.example/", "h", undefined],
  ["http://h:81/", "h", undefined],
  ["http://u@h/", "h", undefined],
  ["http://h\\/", "h", undefined],
  ["http://h/", undefined, undefined],
  ["ftp://h/", "h", undefined],
  ["http:///x", "h", undefined],
  ["#/a", "h", undefined],
  ["*", "h", undefined],
  ["h:80", "h:80", undefined],
  ["", "h", undefined],
])("the target %s, sent to %s, is %s", (url, host, expected) => {
  expect(originForm(url, host)).toBe(expected);
});
