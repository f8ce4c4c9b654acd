import type { Share } from "@waiide/protocol";
import { expect, it } from "vitest";
import { newsBetween } from "../../../src/shares/news.ts";

function share(id: string, guests: Record<string, boolean> = {}, asking: readonly string[] = []): Share {
  const list = Object.entries(guests).map(([session, present]) => ({ session, name: session, present }));
  const requests = asking.map((request) => ({ request, name: request }));
  return { id, guests: list, requests } as unknown as Share;
}

const none: ReadonlySet<string> = new Set();

function told(before: Share[], after: Share[], own = none): string[] {
  return newsBetween(before, after, own).map((news) =>
    "guest" in news ? `${news.kind} ${news.guest.name}` : `${news.kind} ${news.share.id}`,
  );
}

it("names who joined and left when pages open and close", () => {
  expect(told([share("a", { bob: false })], [share("a", { bob: true, eve: false })])).toEqual(["entered bob"]);
  expect(told([share("a", { bob: true, eve: true })], [share("a", { bob: false })])).toEqual(["left bob", "left eve"]);
  expect(told([share("a", { bob: true })], [share("a", { bob: true })])).toEqual([]);
});

it("who asks to join, once, also where the share is new", () => {
  expect(told([], [share("a", {}, ["bob"])], new Set(["a"]))).toEqual(["asked a"]);
  expect(told([share("a", {}, ["bob"])], [share("a", {}, ["bob", "eve"])])).toEqual(["asked a"]);
  expect(told([share("a", {}, ["bob"])], [share("a", { bob: true })])).toEqual(["entered bob"]);
});

it("what was shared elsewhere; not what this window shared, nor the end of a share", () => {
  expect(told([], [share("a")])).toEqual(["created a"]);
  expect(told([], [share("a")], new Set(["a"]))).toEqual([]);
  expect(told([share("a", { bob: true })], [])).toEqual([]);
  expect(told([], [share("a", { bob: true })])).toEqual(["created a", "entered bob"]);
});

it("R16: at the end of Terminal Access the owner is told what its guests may have made", () => {
  const made = { ...share("b"), made_during: "a" } as Share;
  expect(told([share("a"), made], [made])).toEqual(["outlived a"]);
  expect(told([share("a"), made], [])).toEqual([]);
  expect(newsBetween([share("a"), made], [made], none, new Set(["a"]))).toEqual([]);
});
