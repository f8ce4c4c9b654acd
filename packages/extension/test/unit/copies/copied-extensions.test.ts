import { beforeEach, expect, it, vi } from "vitest";

const ide = vi.hoisted(() => ({
  installed: [] as string[],
  said: [] as unknown[][],
  answer: undefined as string | undefined,
  listed: [] as unknown[],
  ticked: undefined as string[] | undefined,
  ran: [] as unknown[][],
}));
vi.mock("vscode", () => ({
  extensions: { getExtension: (id: string) => (ide.installed.includes(id) ? {} : undefined) },
  workspace: { workspaceFolders: [{ uri: { fsPath: "/home/bob/tides" } }] },
  window: {
    showInformationMessage: async (...said: unknown[]) => {
      ide.said.push(said);
      return ide.answer;
    },
    showQuickPick: async (items: string[], options: object) => {
      ide.listed.push([items, options]);
      return ide.ticked;
    },
  },
  commands: { executeCommand: async (...values: unknown[]) => void ide.ran.push(values) },
}));
const { offerExtensions } = await import("../../../src/copies/copied-extensions.ts");

const asked: string[] = [];
let copies: object[] = [];
const gateway = {
  ask: async (path: string, { method = "GET" } = {}) => {
    asked.push(`${method} ${path}`);
    return { copies } as never;
  },
};
const copy = { id: "c1", folder: "/home/bob/tides", owner: "ana [x](y)", extensions: ["a.b", "c.d"] };

beforeEach(() => {
  Object.assign(ide, { installed: ["a.b"], said: [], answer: undefined, listed: [], ticked: undefined, ran: [] });
  asked.length = 0;
  copies = [copy];
});

it("R29: of the owner's extensions, those that were ticked are installed, and no others", async () => {
  copies = [{ ...copy, extensions: ["a.b", "c.d", "e.f"] }];
  [ide.answer, ide.ticked] = ["Choose…", ["e.f"]];
  await offerExtensions(gateway);
  const message = "ana xy, who shared this folder, uses 2 extensions that you do not have.";
  expect(ide.said).toEqual([[message, "Choose…", "Install None"]]);
  expect(ide.listed).toEqual([[["c.d", "e.f"], expect.objectContaining({ canPickMany: true })]]);
  expect(ide.ran).toEqual([["workbench.extensions.installExtension", "e.f"]]);
  expect(asked).toEqual(["GET /api/copies", "DELETE /api/copies/c1/extensions"]);
});

it.each([
  ["closes the message", undefined, undefined],
  ["leaves the list", "Choose…", undefined],
])("nothing is installed, and it is offered again, where the recipient %s", async (_what, answer, ticked) => {
  Object.assign(ide, { answer, ticked });
  await offerExtensions(gateway);
  expect([ide.ran, asked]).toEqual([[], ["GET /api/copies"]]);
});

it.each([
  ["wants none", "Install None", undefined],
  ["ticks none", "Choose…", []],
])("nothing is installed, and it is offered no more, where the recipient %s", async (_what, answer, ticked) => {
  Object.assign(ide, { answer, ticked });
  await offerExtensions(gateway);
  expect([ide.ran, asked.at(-1)]).toEqual([[], "DELETE /api/copies/c1/extensions"]);
});

it("nothing is said where all are there, and in a folder that is no copy", async () => {
  ide.installed = ["a.b", "c.d"];
  await offerExtensions(gateway);
  ide.installed = [];
  copies = [
    { ...copy, folder: "/home/bob" },
    { ...copy, extensions: [] },
  ];
  await offerExtensions(gateway);
  expect([ide.said, ide.ran]).toEqual([[], []]);
});
