import { ChangeSet } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { changeJson, LiveClient, LiveGap, toText } from "../../../src/live/index.ts";
import type { LoggedChange } from "../../../src/live/live-messages.ts";
import { Authority } from "./simulation.ts";

const id = "client-one";

function pair(text = "hello\n") {
  const authority = new Authority(text);
  const client = new LiveClient(id, { epoch: authority.epoch, rev: 0, text });
  return {
    authority,
    client,
    type: (from: number, to: number, insert: string) =>
      client.edit(ChangeSet.of({ from, to, insert }, client.shown.length)),
    send: () => {
      const outgoing = client.next();
      return outgoing && authority.submit(id, outgoing);
    },
    other: (from: number, to: number, insert: string) => {
      const change = changeJson(ChangeSet.of({ from, to, insert }, authority.text.length));
      authority.submit("another", { seq: authority.lastSeq("another") + 1, rev: authority.log.length, change });
    },
    receive: () => {
      const changes = authority.since(id, client.rev);
      return client.receive(client.rev + changes.length, changes);
    },
    reconnect: () => {
      const { rev } = client.reopen();
      const since = authority.since(id, rev);
      const { epoch } = authority;
      return client.reopened({ epoch, rev: rev + since.length, since, seq: authority.lastSeq(id) });
    },
  };
}

describe("one person's side of a live file", () => {
  it("sends one change at a time, and what was typed meanwhile as one", () => {
    const { client, type, send, receive } = pair();
    expect(client.next()).toBeUndefined();
    type(0, 0, "a");
    expect(client.next()).toEqual({ seq: 1, rev: 0, change: [[0, "a"], 6] });
    type(1, 1, "b");
    type(2, 2, "c");
    expect(client.next()).toBeUndefined();
    const { authority } = pair();
    authority.submit(id, { seq: 1, rev: 0, change: [[0, "a"], 6] });
    client.receive(1, authority.since(id, 0));
    expect(client.next()).toEqual({ seq: 2, rev: 1, change: [1, [0, "bc"], 6] });
    expect([send(), receive()]).toEqual([undefined, []]);
  });

  it("counts a change once that was sent twice", () => {
    const { authority, client, type, reconnect, send } = pair();
    type(0, 0, "a");
    send();
    authority.submit(id, { seq: 1, rev: 0, change: [[0, "a"], 6] });
    reconnect();
    send();
    expect(authority.text.toString()).toBe("ahello\n");
    expect([client.shown.toString(), client.unacknowledged]).toEqual(["ahello\n", false]);
  });

  it("counts a change once whose acknowledgement was lost with the connection", () => {
    const { authority, client, type, other, reconnect, send, receive } = pair();
    type(5, 5, " world");
    send();
    other(0, 0, "> ");
    type(11, 11, "!");
    reconnect();
    send();
    receive();
    expect(authority.text.toString()).toBe("> hello world!\n");
    expect([client.shown.toString(), client.unacknowledged]).toEqual(["> hello world!\n", false]);
  });

  it("sends a change again that was lost with the connection", () => {
    const { authority, client, type, other, reconnect, send, receive } = pair();
    type(5, 5, " world");
    client.next();
    other(0, 0, "> ");
    expect(client.next()).toBeUndefined();
    client.reopen();
    expect(client.next()).toBeUndefined();
    reconnect();
    send();
    receive();
    expect(authority.text.toString()).toBe("> hello world\n");
    expect(client.unacknowledged).toBe(false);
  });

  it("says that changes are missing, and takes those that it has only once", () => {
    const { authority, client, other, receive } = pair();
    other(0, 0, "a");
    other(1, 1, "b");
    const all = authority.since(id, 0);
    expect(() => client.receive(2, all.slice(1))).toThrow(LiveGap);
    expect(client.shown.toString()).toBe("hello\n");
    receive();
    client.receive(2, all);
    client.receive(1, all.slice(0, 1));
    expect([client.rev, client.shown.toString()]).toEqual([2, "abhello\n"]);
  });

  it("says that changes are missing where one does not fit its text", () => {
    const { client } = pair();
    const changes: LoggedChange[] = [{ person: "x", change: [3] }];
    expect(() => client.receive(1, changes)).toThrow(LiveGap);
    expect([client.rev, client.shown.toString()]).toEqual([0, "hello\n"]);
  });

  it("names the author of each change, in positions of what it shows", () => {
    const { type, other, receive } = pair();
    type(0, 0, "mine ");
    other(5, 5, "!");
    expect(receive().map(({ person, change }) => [person, change.toJSON()])).toEqual([["another", [10, [0, "!"], 1]]]);
  });

  it("returns to the confirmed text after a refusal, with the refused text to copy", () => {
    const { client, type, other, receive } = pair();
    type(0, 5, "lost");
    client.next();
    type(4, 4, " too");
    other(6, 6, "theirs");
    receive();
    const shown = client.shown;
    expect(client.refused(7)).toBeUndefined();
    const refusal = client.refused(1);
    expect(refusal?.text).toBe("lost too");
    expect(refusal?.change.apply(shown).toString()).toBe("hello\ntheirs");
    expect([client.shown.toString(), client.unacknowledged]).toEqual(["hello\ntheirs", false]);
    type(0, 0, "x");
    expect(client.next()?.seq).toBe(2);
  });

  it("heals a planted difference and keeps what was being typed", () => {
    const { client, type } = pair("one\ntwo\nthree\n");
    type(4, 4, "mine ");
    const shown = client.shown;
    const [healed] = client.reset({ epoch: "epoch-1", rev: 40, text: "ONE\ntwo\nthree\nfour\n", seq: 0 });
    expect(healed?.change.apply(shown).toString()).toBe("ONE\nmine two\nthree\nfour\n");
    expect(client.shown.toString()).toBe("ONE\nmine two\nthree\nfour\n");
    expect(client.next()).toEqual({ seq: 1, rev: 40, change: [4, [0, "mine "], 15] });
  });

  it("does not double what the new text already has, by its number", () => {
    const { client, type } = pair();
    type(0, 0, "a");
    client.next();
    type(1, 1, "b");
    client.reopen();
    client.reopened({ epoch: "epoch-1", rev: 9, text: "ahello\nmore\n", seq: 1 });
    expect(client.shown.toString()).toBe("abhello\nmore\n");
    expect(client.next()).toEqual({ seq: 2, rev: 9, change: [1, [0, "b"], 11] });
  });

  it("does not double what the text of a new epoch has", () => {
    const { client, type } = pair();
    type(5, 5, " world");
    client.next();
    client.reopen();
    client.reopened({ epoch: "epoch-2", rev: 0, text: "hello world\nmore\n", seq: 0 });
    expect([client.shown.toString(), client.unacknowledged]).toEqual(["hello world\nmore\n", false]);
  });

  it("keeps what the text of a new epoch does not have", () => {
    const { client, type } = pair();
    type(5, 5, " world");
    client.next();
    client.reopen();
    client.reopened({ epoch: "epoch-2", rev: 0, text: "hello\nmore\n", seq: 0 });
    expect(client.shown.toString()).toBe("hello world\nmore\n");
    expect(client.next()).toEqual({ seq: 1, rev: 0, change: [5, [0, " world"], 6] });
  });

  it("lives on in the next life of its page", () => {
    const { authority, client, type, other, send } = pair();
    type(0, 0, "a");
    send();
    type(1, 1, "b");
    other(0, 0, "> ");
    const next = LiveClient.restore(JSON.parse(JSON.stringify(client.state))) as LiveClient;
    expect(next.shown.toString()).toBe("abhello\n");
    const { rev } = next.reopen();
    next.reopened({ epoch: authority.epoch, rev: 2, since: authority.since(id, rev), seq: 1 });
    authority.submit(id, next.next() as { seq: number; rev: number; change: unknown });
    expect([authority.text.toString(), next.shown.toString()]).toEqual(Array(2).fill("> abhello\n"));
  });

  it("has no next life from a state that does not fit together", () => {
    const { client, type } = pair();
    type(0, 0, "a");
    expect(LiveClient.restore({ ...client.state, text: "other" })).toBeUndefined();
  });

  it("puts others' carets where they are in what it shows", () => {
    const { client, type, other, receive } = pair("abcdef");
    type(0, 0, "mine ");
    other(0, 0, "X");
    receive();
    expect(client.shown.toString()).toBe("Xmine abcdef");
    expect([client.toShown(4, 1), client.toShown(3, 0), client.toShown(99, 1)]).toEqual([9, 9, 12]);
    expect(client.toConfirmed(9)).toBe(4);
    expect(client.toConfirmed(3)).toBe(1);
  });

  it("refuses an edit of another text", () => {
    const { client } = pair();
    expect(() => client.edit(ChangeSet.empty(3))).toThrow(RangeError);
  });
});

describe("the authority of the simulation", () => {
  it("refuses a revision from the future and half a character", () => {
    const authority = new Authority("a😀b");
    expect(authority.submit(id, { seq: 1, rev: 1, change: [4] })).toBe("future");
    expect(authority.submit(id, { seq: 1, rev: 0, change: [2, [1], 1] })).toBe("invalid");
    expect(authority.text.eq(toText("a😀b"))).toBe(true);
  });
});
