import { describe, expect, test } from "vitest";
import { type NoticeFacts, noticeOf } from "../../../src/browser/page/words.ts";

const hub = { home: "/hub/home", start: "/hub/spawn/ada/gpu" };
const facts: NoticeFacts = { hub, isGuest: false, kept: undefined, reload: () => undefined };
const textOf = (state: Parameters<typeof noticeOf>[0], more: Partial<NoticeFacts> = {}) =>
  noticeOf(state, { ...facts, ...more })?.text;

describe("what the page says of its connection", () => {
  test("behind a hub a stopped server can restart, and the hub's home is one click away", () => {
    for (const state of ["stopped", "unused"] as const) {
      expect(noticeOf(state, facts)?.actions).toEqual([
        { title: "Start again", action: hub.start, newTab: true },
        { title: "Hub home", action: hub.home, newTab: true },
      ]);
    }
    expect(textOf("unused")).toBe("Server stopped because nobody used it.");
  });

  test("a guest is sent to the owner, and to no page of the hub", () => {
    const notice = noticeOf("stopped", { ...facts, isGuest: true });
    expect(notice?.actions).toBeUndefined();
    expect(notice?.text).toContain("The owner can start it again");
  });

  test("it promises only what was kept, and names what is too large", () => {
    expect(textOf("lost")).toBe("Connection to the server lost. Reconnecting…");
    expect(textOf("lost", { kept: { kind: "kept", everything: true, without: [] } })).toMatch(
      /is kept in this browser\.$/,
    );
    expect(textOf("lost", { kept: { kind: "kept", everything: false, without: ["a.csv"] } })).toMatch(
      /Too large to be kept in this browser, so do not close this page: a\.csv\.$/,
    );
    expect(textOf("lost", { kept: { kind: "kept", everything: false, without: [] } })).toContain("cannot keep");
  });

  test("while all is well it says nothing", () => {
    expect(noticeOf("connected", facts)).toBeUndefined();
  });
});
