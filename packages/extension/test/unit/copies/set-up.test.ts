import { expect, it, vi } from "vitest";

const { sent, terminals } = vi.hoisted(() => ({ sent: [] as string[], terminals: [] as object[] }));
vi.mock("vscode", () => ({
  workspace: { workspaceFolders: [{ uri: { fsPath: "/home/bob/tides" } }] },
  window: {
    createTerminal: (options: object) => {
      terminals.push(options);
      return { show: () => sent.push("shown"), sendText: (text: string) => sent.push(text) };
    },
    showErrorMessage: (message: string) => sent.push(message),
  },
}));
const { runSetUp } = await import("../../../src/copies/set-up.ts");

it("R29: set-up runs just what the gateway has from the recipient, in a terminal", async () => {
  const asked: unknown[] = [];
  let commands: string[] = [];
  const ask = async (path: string, request: unknown) => {
    asked.push([path, request]);
    return { commands } as never;
  };
  await runSetUp({ ask });
  expect([terminals, sent]).toEqual([[], []]);
  commands = ["pip install -r requirements.txt", "make data"];
  await runSetUp({ ask });
  expect(asked[1]).toEqual(["/api/copies/take-set-up", { method: "POST", body: { folder: "/home/bob/tides" } }]);
  expect(terminals).toHaveLength(1);
  expect(sent).toEqual(["shown", ...commands]);
});
