import { afterEach, expect, it, vi } from "vitest";
import { fake } from "../../support/fake-vscode.ts";

vi.mock("vscode", async () => (await import("../../support/fake-vscode.ts")).vscode);
const { commands } = await import("vscode");
const { UndoCommands } = await import("../../../src/browser/live/undo-commands.ts");

afterEach(() => fake.reset());

const own = { undo: vi.fn(() => true), redo: vi.fn(() => true) };
const overridden = async () => (await commands.getCommands()).filter((name) => name === "undo" || name === "redo");

it("undo and redo are VS Code's own again once the active file is not live", async () => {
  let target: typeof own | undefined = own;
  const undo = new UndoCommands(() => target);
  undo.update();
  expect(await overridden()).toEqual(["undo", "redo"]);
  target = undefined;
  undo.update();
  expect(await overridden()).toEqual([]);
  undo.dispose();
});

it("an undo that comes before they are given back is passed on to VS Code's own", async () => {
  let target: typeof own | undefined = own;
  const undo = new UndoCommands(() => target);
  undo.update();
  const document = fake.open(import.meta.filename);
  target = undefined;
  await fake.run("undo");
  expect(document.builtInUndos).toBe(1);
  expect(own.undo).not.toHaveBeenCalled();
  undo.dispose();
  expect(await overridden()).toEqual([]);
});
