import type { Person, ServerMessage } from "@waiide/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Member, SharePresence } from "../../../../src/share/guests/presence.ts";
import { guestOf, isSameGuest, presentGuests } from "../../../../src/share/records/one-guest.ts";

describe("one guest is counted once", () => {
  const present = { isPresent: () => true };

  it("two browsers of one hub user are one guest; two strangers of one name are two", () => {
    const bob = [
      { id: "a", hubUser: "bob" },
      { id: "b", hubUser: "bob" },
    ];
    const strangers = [
      { id: "c", hubUser: null },
      { id: "d", hubUser: null },
    ];
    expect(presentGuests(bob, present)).toBe(1);
    expect(presentGuests(strangers, present)).toBe(2);
    expect(presentGuests([...bob, ...strangers], { isPresent: (id) => id !== "c" })).toBe(2);
    expect(isSameGuest({ id: "a", hubUser: "bob" }, { id: "b", hubUser: "bob" })).toBe(true);
  });

  it("nobody passes for a hub user by the id of a session", () => {
    expect(guestOf({ id: "user:bob", hubUser: null })).not.toBe(guestOf({ id: "x", hubUser: "bob" }));
  });
});

describe("the people in a room", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function page(guest: string, session: string, path: string | null = null) {
    const person: Person = { session, name: guest, color: "#000", level: "view", path };
    const sent: ServerMessage[] = [];
    const member: Member & { person: Person } = {
      person,
      guest,
      send: (message) => void sent.push(message),
      sendNewest: (_type, text) => void sent.push(JSON.parse(text) as ServerMessage),
      sees: async () => true,
    };
    const told = () => sent.flatMap((message) => (message.type === "people" ? [message.people] : [])).at(-1);
    return { member, told };
  }

  it("two tabs of one guest are one person, in the tab used last", () => {
    const room = new SharePresence();
    const [first, second] = [page("bob", "b", "one.py"), page("bob", "b", "two.py")];
    const eve = page("eve", "e");
    const close = [first, second, eve].map(({ member }) => room.join(member));
    vi.advanceTimersByTime(100);
    expect(eve.told()?.map(({ name, path }) => [name, path])).toEqual([
      ["bob", "two.py"],
      ["eve", null],
    ]);
    first.member.person = { ...first.member.person, path: "three.py" };
    room.changed(first.member);
    vi.advanceTimersByTime(100);
    expect(eve.told()?.[0]?.path).toBe("three.py");
    expect(second.told()?.[0]?.path).toBe("two.py");
    close[0]?.();
    vi.advanceTimersByTime(100);
    expect(eve.told()?.map(({ name, path }) => [name, path])).toEqual([
      ["bob", "two.py"],
      ["eve", null],
    ]);
    close[1]?.();
    vi.advanceTimersByTime(100);
    expect(eve.told()?.map(({ name }) => name)).toEqual(["eve"]);
    close[2]?.();
  });

  it("a hub user in two browsers sees themselves as the browser's own session", () => {
    const room = new SharePresence();
    const [first, second] = [page("bob", "b1"), page("bob", "b2")];
    const close = [first, second].map(({ member }) => room.join(member));
    vi.advanceTimersByTime(100);
    expect(first.told()?.map(({ session }) => session)).toEqual(["b1"]);
    expect(second.told()?.map(({ session }) => session)).toEqual(["b2"]);
    for (const one of close) one();
  });
});
