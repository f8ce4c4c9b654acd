import { describe, expect, it, vi } from "vitest";
import { Guests } from "../../../../src/share/guests/guests.ts";
import { ShareEvents } from "../../../../src/share/share-events.ts";

function setUp() {
  let now = 0;
  const onChange = vi.fn();
  const events = new ShareEvents().on("change", onChange);
  const guests = new Guests(events, () => now);
  return { guests, onChange, wait: (milliseconds: number) => (now += milliseconds) };
}

describe("who is in", () => {
  it("guests with an open page, and briefly those who had one", () => {
    const { guests, onChange, wait } = setUp();
    expect(guests.isIn("bob")).toBe(false);
    const close = guests.opened("bob", { end: vi.fn() });
    wait(3_600_000);
    expect([guests.isPresent("bob"), guests.isIn("bob")]).toEqual([true, true]);
    close();
    close();
    expect([guests.isPresent("bob"), guests.isIn("bob")]).toEqual([false, true]);
    expect(onChange).toHaveBeenCalledTimes(2);
    wait(30_000);
    expect(guests.isIn("bob")).toBe(false);
  });

  it("the end closes everything of this share, and of no other", () => {
    const { guests } = setUp();
    const [one, other, carols] = [vi.fn(), vi.fn(), vi.fn()];
    guests.opened("bob", { end: one });
    guests.opened("bob", { end: other });
    guests.opened("carol", { end: carols });
    expect(guests.end("bob", "revoked")).toBe(true);
    expect(one).toHaveBeenCalledWith("revoked");
    expect(other).toHaveBeenCalledWith("revoked");
    expect(carols).not.toHaveBeenCalled();
    expect(guests.end("nobody", "revoked")).toBe(false);
  });

  it("requests under way are ended too, and make nobody present", () => {
    const { guests, onChange } = setUp();
    const end = vi.fn();
    const answered = guests.asked("bob", { end });
    expect([guests.isPresent("bob"), guests.isIn("bob"), guests.requestsOf("bob")]).toEqual([false, true, 1]);
    guests.end("bob", "expired");
    expect(end).toHaveBeenCalledWith("expired");
    answered();
    expect(guests.requestsOf("bob")).toBe(0);
    expect(onChange).not.toHaveBeenCalled();
  });

  it("knows guests who never opened a page, and their addresses", () => {
    const { guests } = setUp();
    guests.entered("bob", "192.0.2.1");
    expect([guests.enteredFrom("bob"), guests.isAbsent("bob")]).toEqual(["192.0.2.1", true]);
    const answered = guests.asked("bob", { end: vi.fn() });
    expect(guests.isAbsent("bob")).toBe(false);
    answered();
    const close = guests.opened("bob", { end: vi.fn() });
    expect([guests.enteredFrom("bob"), guests.isAbsent("bob")]).toEqual([undefined, false]);
    close();
    expect([guests.enteredFrom("bob"), guests.isAbsent("bob")]).toEqual([undefined, true]);
  });

  it("leaves nothing behind after its close", () => {
    const { guests } = setUp();
    const end = vi.fn();
    guests.opened("bob", { end });
    guests.close();
    expect(end).toHaveBeenCalledWith("stopped");
    expect(guests.isIn("bob")).toBe(false);
  });
});
