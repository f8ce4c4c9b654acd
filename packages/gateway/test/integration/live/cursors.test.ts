import { expect, it } from "vitest";
import { LiveRoom } from "./harness.ts";

const files = { "a.txt": "one\ntwo\n", "b.txt": "b\n" };

it("carets are shown, move with the text, and go with their people", async () => {
  const room = await LiveRoom.open(files);
  const bob = await room.opened("a.txt");
  const eve = await room.opened("a.txt", { name: "Eve" });
  bob.cursor([[4, 7]], { visible: [0, 8], follows: "Eve-share-1" });

  expect((await eve.message("live-cursors")).changed).toEqual([
    {
      person: "Bob-share-1",
      name: "Bob",
      color: "#123456",
      ranges: [[4, 7]],
      visible: [0, 8],
      follows: "Eve-share-1",
    },
  ]);
  eve.type(0, "zero\n");
  await eve.until(() => eve.client?.unacknowledged === false);
  const late = await room.opened("a.txt", { name: "Late" });
  expect((await late.message("live-cursors")).changed).toMatchObject([{ ranges: [[9, 12]] }]);

  bob.connection.close();
  await eve.until(() => eve.of("live-cursors").some(({ gone }) => gone.includes("Bob-share-1")));
});

it("R24: name, color and session of a caret are the gateway's", async () => {
  const room = await LiveRoom.open(files);
  const bob = await room.opened("a.txt");
  const eve = await room.opened("a.txt", { name: "Eve" });

  bob.cursor([[0, 0]], { name: "The owner", color: "red", person: "owner" });
  expect(eve.of("live-cursors")).toEqual([]);
  bob.cursor([[1, 1]], { follows: "<b>" });

  const { changed } = await eve.message("live-cursors");
  expect(changed).toEqual([{ person: "Bob-share-1", name: "Bob", color: "#123456", ranges: [[1, 1]] }]);
});

it("R24: a caret beyond the text stands at its edge", async () => {
  const room = await LiveRoom.open(files);
  const bob = await room.opened("a.txt");
  const eve = await room.opened("a.txt", { name: "Eve" });
  bob.cursor([[-1, 5_000_000]]);
  expect((await eve.message("live-cursors")).changed).toMatchObject([{ ranges: [[0, 8]] }]);
});

it("R24: carets in another file, or of one who may not be there, are absent", async () => {
  const room = await LiveRoom.open(files);
  const bob = await room.opened("b.txt");
  const ended = await room.opened("a.txt", { name: "Ended" });
  const eve = await room.opened("a.txt", { name: "Eve" });
  ended.actor = { kind: "guest", level: "edit", scope: { kind: "workspace" }, state: "removed" };
  bob.cursor([[0, 0]]);
  ended.cursor([[0, 0]]);
  const seen = await room.opened("a.txt", { name: "Seen" });
  seen.cursor([[2, 2]]);

  const { changed } = await eve.message("live-cursors");
  expect(changed.map(({ name }) => name)).toEqual(["Seen"]);
  expect(eve.of("live-cursors")).toHaveLength(1);
});

it("R14: a flood of carets becomes the newest, at most every 50 ms", async () => {
  const room = await LiveRoom.open(files);
  const bob = await room.opened("a.txt");
  const eve = await room.opened("a.txt", { name: "Eve" });
  for (let count = 0; count < 1_000; count += 1) bob.cursor([[count % 8, count % 8]]);
  bob.cursor([[5, 5]]);
  await eve.until(() => eve.of("live-cursors").at(-1)?.changed[0]?.ranges[0]?.[0] === 5);
  expect(eve.of("live-cursors").length).toBeLessThan(10);
});
