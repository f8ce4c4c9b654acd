import type { CopyRun } from "@waiide/protocol";
import { namesOf } from "../config/names/name-groups.ts";
import { protectedGroups } from "../config/names/protected-names.ts";
import { FileRules } from "../workspace/rules/rules.ts";
import { commandsOf, devcontainerIn, lifecycleCommands, machineKeys, preparingCommands } from "./devcontainer.ts";
import { type FolderFiles, inWords, isObject, type JsonObject, readJson } from "./folder-files.ts";

/** More would not be read by anybody. */
const maxRuns = 1_000;
const maxCommand = 20_000;
const maxText = 200;

/** The last part of a setting's key that names a program, its arguments or its surroundings. */
const programSetting =
  /(?:path|command|executable|interpreter|program|binary|shell|server|script|runtime|args|arguments|env|envfile)s?$/i;
const terminalSetting = /^terminal\.integrated\.(?:profiles|defaultProfile|automationProfile|env|shell|shellArgs)\b/;

/** What reads a file that holds such things; the files' names are folded, as `.VSCODE` is `.vscode` on some disks. */
const readers: readonly { readonly isFor: (path: string) => boolean; readonly runs: (file: ReadFile) => CopyRun[] }[] =
  [
    {
      isFor: (path) => /(?:^|\/)\.devcontainer(?:(?:\/[^/]+)?\/devcontainer)?\.json$/i.test(path),
      runs: runsOfDevcontainer,
    },
    { isFor: (path) => /(?:^|\/)\.vscode\/tasks\.json$/i.test(path), runs: (file) => runsOfTasks(file, file.content) },
    {
      isFor: (path) => /(?:^|\/)\.vscode\/settings\.json$/i.test(path),
      runs: (file) => runsOfSettings(file, file.content),
    },
    { isFor: (path) => /(?:^|\/)\.vscode\/extensions\.json$/i.test(path), runs: () => [] },
    { isFor: (path) => /\.code-workspace$/i.test(path), runs: runsOfWorkspace },
  ];

interface ReadFile {
  readonly path: string;
  readonly content: JsonObject;
}

const rules = new FileRules({ hidden: [], protected: namesOf(protectedGroups), isHome: false });

/**
 * What programs start by themselves in a folder: commands of a devcontainer.json, tasks that run on opening, settings that name
 * programs, and every file that RULES R11 protects for that reason. A file that cannot be read is listed as a whole.
 */
export async function findRuns(files: FolderFiles): Promise<CopyRun[]> {
  const found: CopyRun[] = [];
  const main = devcontainerIn(files.paths);
  const paths = files.paths.filter((path) => rules.isProtected(path));
  for (const path of [...paths].sort((one, other) => Number(other === main) - Number(one === main))) {
    if (found.length >= maxRuns) break;
    found.push(...(await runsOfFile(path, files)));
  }
  return found.slice(0, maxRuns).map(shortened);
}

async function runsOfFile(path: string, files: FolderFiles): Promise<CopyRun[]> {
  const reader = readers.find(({ isFor }) => isFor(path));
  const content = reader && readJson(await files.read(path));
  if (reader !== undefined && content !== undefined) return reader.runs({ path, content });
  const when = rules.whyProtected(path) ?? "";
  return [{ kind: "file", path, name: "", when, command: "", offered: false }];
}

function runsOfDevcontainer({ path, content }: ReadFile): CopyRun[] {
  const commands = lifecycleCommands.flatMap((step) =>
    commandsOf(step, content[step]).map(({ name, command }): CopyRun => {
      const offered = preparingCommands.includes(step);
      return { kind: "lifecycle", path, name, when: whenOf(step), command, offered };
    }),
  );
  const machine = machineKeys
    .filter((key) => key in content)
    .map((key): CopyRun => {
      const when = "a container is made from it; WAIIDE makes none";
      return { kind: "lifecycle", path, name: key, when, command: inWords(content[key]), offered: false };
    });
  const { customizations } = content;
  const vscode = isObject(customizations) && isObject(customizations.vscode) ? customizations.vscode : {};
  return [...commands, ...machine, ...runsOfSettings({ path }, vscode.settings)];
}

function whenOf(step: (typeof lifecycleCommands)[number]): string {
  if (step === "initializeCommand") return "on your own computer, before a container is made; WAIIDE never runs it";
  if (preparingCommands.includes(step)) return "once, when a container is made";
  return step === "postStartCommand" ? "each time a container starts" : "each time an editor connects to a container";
}

function runsOfTasks({ path }: Pick<ReadFile, "path">, content: unknown): CopyRun[] {
  const tasks = isObject(content) && Array.isArray(content.tasks) ? content.tasks.filter(isObject) : [];
  return tasks
    .filter(({ runOptions }) => isObject(runOptions) && runOptions.runOn === "folderOpen")
    .map((task): CopyRun => {
      const name = inWords(task.label ?? task.taskName ?? task.type ?? "task");
      const command = [task.command, ...(Array.isArray(task.args) ? task.args : [])]
        .filter((part) => part !== undefined)
        .map(inWords)
        .join(" ");
      return {
        kind: "task",
        path,
        name,
        when: "when the folder is opened",
        command: command || inWords(task),
        offered: false,
      };
    });
}

function runsOfSettings({ path }: Pick<ReadFile, "path">, content: unknown): CopyRun[] {
  if (!isObject(content)) return [];
  return Object.entries(content).flatMap(([key, value]): CopyRun[] => {
    // Settings of one language, such as `[python]`.
    if (key.startsWith("[")) return runsOfSettings({ path }, value);
    const isTerminal = terminalSetting.test(key);
    if (!isTerminal && !(programSetting.test(key) && typeof value !== "boolean")) return [];
    const when = isTerminal ? "when a terminal opens" : "when an extension or the editor starts what it names";
    return [
      { kind: isTerminal ? "terminal" : "setting", path, name: key, when, command: inWords(value), offered: false },
    ];
  });
}

function runsOfWorkspace({ path, content }: ReadFile): CopyRun[] {
  return [...runsOfTasks({ path }, content.tasks), ...runsOfSettings({ path }, content.settings)];
}

function shortened(run: CopyRun): CopyRun {
  const cut = (text: string, max: number) => (text.length > max ? `${text.slice(0, max - 1)}…` : text);
  // A command that is not whole is not offered: what runs is what was shown.
  const offered = run.offered && run.command.length <= maxCommand;
  return {
    ...run,
    name: cut(run.name, maxText),
    when: cut(run.when, maxText),
    command: cut(run.command, maxCommand),
    offered,
  };
}
