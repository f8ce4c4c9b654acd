import { expect, it, vi } from "vitest";

const registered = vi.hoisted(() => new Map<string, (row?: object) => unknown>());
const showInformationMessage = vi.hoisted(() => vi.fn());

vi.mock("vscode", () => ({
  commands: { registerCommand: (id: string, run: (row?: object) => unknown) => registered.set(id, run) },
  window: { showInformationMessage },
}));
const { rowCommand } = await import("../../../src/views/row-command.ts");

it("a list that has just changed runs no command, and says so", () => {
  const revoke = vi.fn();
  rowCommand("waiide.share.revoke", revoke);
  registered.get("waiide.share.revoke")?.(undefined);
  expect(revoke).not.toHaveBeenCalled();
  expect(showInformationMessage).toHaveBeenCalledExactlyOnceWith("The list has just changed. Choose the row again.");

  const row = { share: "one" };
  registered.get("waiide.share.revoke")?.(row);
  expect(revoke).toHaveBeenCalledExactlyOnceWith(row);
});
