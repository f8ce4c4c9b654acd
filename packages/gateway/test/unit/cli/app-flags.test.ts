import { expect, it } from "vitest";
import { parseApp } from "../../../src/cli/share-targets/app-flags.ts";

it.each([
  ["a port", { port: "8501" }, { port: 8501 }],
  ["a port and a place", { port: "8501", path: "/a" }, { port: 8501, path: "/a" }],
  ["an app", { app: "lab", permission: "Use the App" }, { name: "lab" }],
  ["files", { permission: "view" }, undefined],
])("“waiide share create” shares %s", (_what, flags, expected) => expect(parseApp(flags)).toEqual(expected));

it.each([
  ["a port and an app", { port: "8501", app: "lab" }],
  ["a place without an app", { path: "/a" }],
  ["a port that is no number", { port: "http" }],
  ["an app at another level", { app: "lab", permission: "edit" }],
])("“waiide share create” refuses %s", (_what, flags) => {
  expect(() => parseApp(flags)).toThrow(expect.objectContaining({ code: "USAGE" }));
});
