import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it, vi } from "vitest";

const { executeCommand, workspace } = vi.hoisted(() => ({
  executeCommand: vi.fn(async () => undefined),
  workspace: {
    workspaceFile: undefined as { scheme: string; fsPath: string } | undefined,
    workspaceFolders: undefined as readonly object[] | undefined,
  },
}));
vi.mock("vscode", () => ({ commands: { executeCommand }, workspace }));
const { reloadIfFoldersAreLost } = await import("../../../src/server/lost-folders.ts");

const folder = await mkdtemp(join(tmpdir(), "waiide-lost-folders-"));
const file = join(folder, "both.code-workspace");
await mkdir(join(folder, "papers"));
afterAll(() => rm(folder, { recursive: true }));

let values: Map<string, unknown>;
const memory = {
  keys: () => [...values.keys()],
  get: (key: string) => values.get(key) as never,
  update: async (key: string, value: unknown) => {
    if (value === undefined) values.delete(key);
    else values.set(key, value);
  },
};

beforeEach(async () => {
  values = new Map();
  executeCommand.mockClear();
  workspace.workspaceFile = { scheme: "file", fsPath: file };
  workspace.workspaceFolders = undefined;
  await writeFile(file, '{\n  // ours\n  "folders": [{ "path": "gone" }, { "path": "papers" },],\n}\n');
});

it("a workspace file that VS Code opened without its folders is loaded again", async () => {
  await reloadIfFoldersAreLost(memory);
  expect(executeCommand.mock.calls).toEqual([["workbench.action.reloadWindow"]]);
});

it("where the folders do not come with that, the page does not load forever", async () => {
  for (let start = 0; start < 3; start++) await reloadIfFoldersAreLost(memory);
  expect(executeCommand).toHaveBeenCalledOnce();
});

it("folders that were lost once, and came, may be lost once more", async () => {
  await reloadIfFoldersAreLost(memory);
  workspace.workspaceFolders = [{}];
  await reloadIfFoldersAreLost(memory);
  expect(executeCommand).toHaveBeenCalledOnce();
  workspace.workspaceFolders = undefined;
  await reloadIfFoldersAreLost(memory);
  expect(executeCommand).toHaveBeenCalledTimes(2);
});

it("folders that come while the file is read are not lost", async () => {
  const done = reloadIfFoldersAreLost(memory);
  workspace.workspaceFolders = [{}];
  await done;
  expect(executeCommand).not.toHaveBeenCalled();
});

it.each([
  ["no folders", '{ "folders": [] }'],
  ["folders that are not there", '{ "folders": [{ "path": "gone" }] }'],
  ["a file in place of a folder", '{ "folders": [{ "path": "both.code-workspace" }] }'],
  ["no paths", '{ "folders": [null, "papers", { "path": 1 }, { "path": "" }, { "uri": "memfs:/a" }] }'],
  ["nothing that is known", "[]"],
  ["no text", ""],
])("a workspace of %s stays as it is", async (_what, text) => {
  await writeFile(file, text);
  await reloadIfFoldersAreLost(memory);
  expect(executeCommand).not.toHaveBeenCalled();
});

it("a folder, an empty window and a workspace that was not saved stay as they are", async () => {
  for (const opened of [undefined, { scheme: "untitled", fsPath: "1" }]) {
    workspace.workspaceFile = opened;
    await reloadIfFoldersAreLost(memory);
  }
  expect(executeCommand).not.toHaveBeenCalled();
});
