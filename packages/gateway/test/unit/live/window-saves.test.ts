import { expect, it } from "vitest";
import { WindowSaves } from "../../../src/live/window-saves.ts";

/** A window whose turn it is to write. */
function writing(): WindowSaves {
  const saves = new WindowSaves();
  saves.begin();
  saves.write();
  return saves;
}

it("R24: in its turn a window's word is waited for, however long it takes", async () => {
  const saves = writing();
  const isIts = saves.hasWritten("text", 0);
  saves.wrote(["other", "text"]);
  expect(await isIts).toBe(true);
});

it("R24: a window that wrote another text, or whose turn ends, did not write this one", async () => {
  const told = writing();
  const another = told.hasWritten("text", 0);
  told.wrote(["other"]);
  expect(await another).toBe(false);

  const silent = writing();
  const none = silent.hasWritten("text", 0);
  silent.end();
  expect(await none).toBe(false);
});

it("R24: without a turn a window's word is waited for no longer than it may take", async () => {
  expect(await new WindowSaves().hasWritten("text", 0)).toBe(false);
});
