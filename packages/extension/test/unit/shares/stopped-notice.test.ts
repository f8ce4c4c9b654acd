import type { StoppedEvent } from "@waiide/protocol";
import { expect, it, vi } from "vitest";

vi.mock("vscode", () => ({}));
const { stoppedInWords } = await import("../../../src/shares/stopped-notice.ts");

const stopped = (by: StoppedEvent["by"]): StoppedEvent => ({
  id: "a",
  by,
  permission: "View Only",
  scope: { kind: "file", path: "[x](command:workbench.action.terminal.new)" },
});

it("owners are told who ended a share, without names that others chose", () => {
  expect(stoppedInWords([stopped("administrator")])).toBe("An administrator has stopped sharing a file (View Only).");
  expect(stoppedInWords([stopped("hub")])).toBe("Somebody revoked the link to a file (View Only) at JupyterHub.");
  expect(stoppedInWords([stopped("administrator"), stopped("administrator")])).toBe(
    "An administrator has stopped 2 shares of yours. See History.",
  );
});
