import { expect, it } from "vitest";
import { appAddress, namesPlace } from "../../../src/app/app-address.ts";

const page = "https://hub.example/user/alice/share/x/";
const app = { address: "/user/alice/share/x/app/t/", path: "" };
const below = "https://hub.example/user/alice/share/x/app/t/";

it.each([
  ["nothing", "", "", ""],
  ["the owner's start", "tree/a b", "", "tree/a%20b"],
  ["a place instead of the owner's start", "tree", "#open=sub%2Fpage%3Fq%3D1", "sub/page?q=1"],
  ["a place with slashes in front", "", "#open=%2F%2Fevil.example%2Fx", "evil.example/x"],
  ["an address of another site", "", "#open=https%3A%2F%2Fevil.example%2F", "https://evil.example/"],
  ["the start for a way out of the app", "tree", "#open=..%2F..%2Ffiles%2F", "tree"],
  ["the start for another way out", "tree", "#open=%2E%2E%5Cfiles", "tree"],
  ["the start for what cannot be decoded", "tree", "#open=%", "tree"],
  ["the app itself for a start outside", "../../x", "", ""],
])("R31: the frame begins at %s, always below the app", (_what, path, hash, expected) => {
  expect(appAddress({ ...app, path }, hash, page)).toBe(below + expected);
});

it("a link's secret names no place", () => {
  expect(namesPlace("#open=x")).toBe(true);
  expect(namesPlace("#c2VjcmV0")).toBe(false);
  expect(namesPlace("")).toBe(false);
});
