import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { type FolderFiles, isObject, type JsonObject, readJson } from "./folder-files.ts";

/** Where the format's own tools look, in this order; then in folders below `.devcontainer`. */
const usualPlaces = [".devcontainer/devcontainer.json", ".devcontainer.json"] as const;
const namedPlace = /^\.devcontainer\/[^/]+\/devcontainer\.json$/;

/** Where a generated one is written. */
export const generatedPlace = usualPlaces[0];

/** Path of the folder's devcontainer.json; undefined: it has none. */
export function devcontainerIn(paths: readonly string[]): string | undefined {
  const usual = usualPlaces.find((path) => paths.includes(path));
  return usual ?? paths.filter((path) => namedPlace.test(path)).sort()[0];
}

const Command = Type.Union([Type.String(), Type.Array(Type.String())]);
const LifecycleCommand = Type.Union([Command, Type.Record(Type.String(), Command)]);

/** In the order in which they run; `initializeCommand` runs on the recipient's own computer, before everything. */
export const lifecycleCommands = [
  "initializeCommand",
  "onCreateCommand",
  "updateContentCommand",
  "postCreateCommand",
  "postStartCommand",
  "postAttachCommand",
] as const;
/** Those that prepare a folder once, which “Set up” offers. */
export const preparingCommands: readonly string[] = ["onCreateCommand", "updateContentCommand", "postCreateCommand"];
/** What changes the machine around the folder: shown, and never applied. */
export const machineKeys = [
  "build",
  "dockerFile",
  "dockerComposeFile",
  "features",
  "mounts",
  "workspaceMount",
  "runArgs",
  "privileged",
  "capAdd",
  "securityOpt",
  "containerEnv",
  "remoteEnv",
] as const;

/** The part of the published format that WAIIDE reads (containers.dev/implementors/json_schema); other keys pass. */
const DevcontainerSchema = Type.Object({
  name: Type.Optional(Type.String()),
  image: Type.Optional(Type.String()),
  ...Object.fromEntries(lifecycleCommands.map((name) => [name, Type.Optional(LifecycleCommand)])),
  customizations: Type.Optional(Type.Object({})),
});

/** @returns what is wrong with it, in words; undefined: nothing that WAIIDE reads */
export function devcontainerProblem(text: string | undefined): string | undefined {
  const value = readJson(text);
  if (value === undefined) return "it is not a JSON object";
  const [error] = Value.Errors(DevcontainerSchema, value);
  if (error !== undefined) return `${error.instancePath.slice(1) || "it"} ${error.message}`;
  const isContainer = ["image", "build", "dockerFile", "dockerComposeFile"].some((key) => key in value);
  return isContainer ? undefined : "it names neither an image nor how to build one";
}

export async function readDevcontainer(files: FolderFiles): Promise<JsonObject | undefined> {
  const path = devcontainerIn(files.paths);
  return path === undefined ? undefined : readJson(await files.read(path));
}

/** One command, as a shell would take it. */
export interface NamedCommand {
  readonly name: string;
  readonly command: string;
}

/** Several commands of one step have names of their own. */
export function commandsOf(step: string, value: unknown): NamedCommand[] {
  if (!isObject(value)) return isCommand(value) ? [{ name: step, command: commandLine(value) }] : [];
  return Object.entries(value).flatMap(([name, command]) =>
    isCommand(command) ? [{ name: `${step}: ${name}`, command: commandLine(command) }] : [],
  );
}

function isCommand(value: unknown): value is Static<typeof Command> {
  return Value.Check(Command, value) && value.length > 0;
}

/** A list is one program with its arguments, which no shell reads. */
function commandLine(command: Static<typeof Command>): string {
  return typeof command === "string" ? command : command.map(quoted).join(" ");
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** What a generated devcontainer.json says. */
export interface DevcontainerContent {
  readonly name: string;
  readonly image: string;
  /** By the name of each step. */
  readonly commands: Readonly<Record<string, string>>;
  readonly extensions: readonly string[];
  readonly settings: JsonObject;
}

/** The text of a devcontainer.json that VS Code, Codespaces and DevPod open. */
export function generateDevcontainer({ name, image, commands, extensions, settings }: DevcontainerContent): string {
  const hasCommands = Object.keys(commands).length > 0;
  const content = {
    name,
    image,
    ...(hasCommands && { postCreateCommand: commands }),
    customizations: { vscode: { extensions, settings } },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
