import { expect, it } from "vitest";
import { targetOf } from "../../../src/rendered/address.ts";

it.each([
  ["a.png", "docs/x.md", { kind: "share", path: "docs/a.png", fragment: "" }],
  ["../a b.png", "docs/x.md", { kind: "share", path: "a b.png", fragment: "" }],
  ["/a.png", "docs/x.md", { kind: "share", path: "a.png", fragment: "" }],
  ["../../../etc/passwd", "docs/x.md", { kind: "share", path: "etc/passwd", fragment: "" }],
  ["x.md#part", "README.md", { kind: "share", path: "x.md", fragment: "part" }],
  ["%zz", "README.md", { kind: "nowhere" }],
  ["#part", "README.md", { kind: "here", fragment: "part" }],
  ["data:image/png;base64,AA", "README.md", { kind: "data", address: "data:image/png;base64,AA" }],
  ["https://example.com/a", "README.md", { kind: "outside", address: "https://example.com/a", host: "example.com" }],
  ["//example.com/a", "README.md", { kind: "outside", address: "https://example.com/a", host: "example.com" }],
])("R18: %s in %s", (address, from, target) => {
  expect(targetOf(address, from)).toEqual(target);
});

it.each([
  "javascript:alert(1)",
  "data:text/html,x",
  "blob:https://x/y",
  "file:///etc/passwd",
  "command:x",
  "vscode://x",
])("R17: %s leads nowhere", (address) => expect(targetOf(address, "README.md")).toEqual({ kind: "nowhere" }));
