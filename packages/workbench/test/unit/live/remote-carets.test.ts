import { ChangeSet, LiveClient } from "@waiide/protocol/live";
import { expect, it } from "vitest";
import { RemoteCarets } from "../../../src/live/remote-carets.ts";

function withBen(ranges: [number, number][]): RemoteCarets {
  const carets = new RemoteCarets();
  const client = new LiveClient("client-1", { epoch: "e", rev: 0, text: "one two" });
  carets.receive(client, 0, [{ person: "ben", name: "Ben", color: "#123456", ranges }], []);
  return carets;
}

const rangesIn = (carets: RemoteCarets) => carets.all.map(({ ranges }) => ranges);

it("a caret goes behind what its person types, and stays before what others do", () => {
  const insertion = ChangeSet.of({ from: 4, insert: "xy" }, 7);
  const own = withBen([[4, 4]]);
  own.move(insertion, "ben");
  expect(rangesIn(own)).toEqual([[[6, 6]]]);
  const others = withBen([[4, 4]]);
  others.move(insertion, "ada");
  expect(rangesIn(others)).toEqual([[[4, 4]]]);
});

it("carets of people who left are gone", () => {
  const carets = withBen([[0, 3]]);
  const client = new LiveClient("client-1", { epoch: "e", rev: 0, text: "one two" });
  carets.receive(client, 0, [], ["ben"]);
  expect(carets.all).toEqual([]);
});

it("people in one file have different shapes", () => {
  const carets = withBen([[0, 0]]);
  const client = new LiveClient("client-1", { epoch: "e", rev: 0, text: "one two" });
  const cy = { person: "cy", name: "Cy", color: "#123456", ranges: [[1, 1]] as [number, number][] };
  carets.receive(client, 0, [cy], []);
  expect(new Set(carets.all.map(({ shape }) => shape)).size).toBe(2);
});
