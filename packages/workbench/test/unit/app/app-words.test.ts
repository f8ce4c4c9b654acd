import { expect, it } from "vitest";
import { stateWords } from "../../../src/app/app-words.ts";

const about = { owner: "alice", title: "Sales", mayStart: false };

it("a stopped app can be started by guests who may, and by nobody else", () => {
  expect(stateWords("stopped", { ...about, mayStart: true }).start).toBe("Start");
  expect(stateWords("failed", { ...about, mayStart: true }).start).toBe("Start Again");
  for (const state of ["stopped", "failed", "starting", "paused"] as const) {
    const words = stateWords(state, about);
    expect(words.start).toBeUndefined();
    expect(words.title).toContain("Sales");
  }
});

it("R31: guests of a paused app are told to wait for its owner", () => {
  const words = stateWords("paused", { ...about, mayStart: true });
  expect(words).toMatchObject({ title: "“Sales” is paused", text: expect.stringContaining("alice must say first") });
  expect(words.start).toBeUndefined();
});
