import { everyAddress, hubVariables } from "../config/hub-settings.ts";
import { type SettingName, settingNames } from "../config/schema.ts";
import { isValidText } from "../config/sources.ts";
import { needlessFlags, otherFlags, otherOptions, sameOption, sameTrait, serverClasses } from "./jupyter-arguments.ts";

/** The command line as our own flags say it, and what could not be said. */
export interface TranslatedArguments {
  readonly argv: readonly string[];
  readonly warnings: readonly string[];
}

export interface HubArgumentsReader {
  /** Names of our sub-commands, whose arguments are all ours. */
  readonly commands?: readonly string[];
  /** Whether the hub itself calls. In the IDE's terminal a person does, whose typing errors must not start a server. */
  readonly isSpawned?: boolean;
}

/** A setting of a Jupyter class, such as `--ServerApp.token=x` (traitlets' command line). */
const traitlet = /^--([A-Z]\w*)\.(?:\w+\.)*(\w+)$/;

/** Levels of Python's logging, by name and number, and ours. */
const logLevels: Readonly<Record<string, string>> = {
  "10": "debug",
  "20": "info",
  "30": "warn",
  "40": "error",
  "50": "error",
  warning: "warn",
  critical: "error",
  fatal: "error",
};

/**
 * Whether a hub started us, as far as command line and environment say: its arguments are understood then, and nowhere
 * else, where they are most likely mistakes.
 */
export function isStartedByHub(argv: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  const flag = argv.findIndex((argument) => argument === "--mode" || argument.startsWith("--mode="));
  const said = flag === -1 ? undefined : (argv[flag]?.split("=")[1] ?? argv[flag + 1]);
  const mode = said ?? environment.WAIIDE_MODE ?? "auto";
  return mode === "jupyterhub" || (mode === "auto" && hubVariables.some((name) => environment[name]));
}

/**
 * Arguments meant for jupyterhub-singleuser, which old hubs append and configurations of hubs carry: translated where we
 * have the same, else named in a warning and left out, so that none of them keeps a server from starting. Options that
 * nobody knows are left to be refused by name.
 * @param argv without the program's own name
 */
export function translateHubArguments(argv: readonly string[], reader: HubArgumentsReader = {}): TranslatedArguments {
  const { commands = [], isSpawned = true } = reader;
  const [first = ""] = argv;
  if (commands.includes(first) && first !== "serve") return { argv, warnings: [] };
  const translation = new Translation(argv, isSpawned);
  if (first === "serve") translation.keep();
  while (translation.isLeft) translation.next();
  return translation;
}

class Translation implements TranslatedArguments {
  readonly argv: string[] = [];
  readonly warnings: string[] = [];
  readonly #given: readonly string[];
  readonly #leavesOutOthers: boolean;
  #index = 0;

  constructor(given: readonly string[], leavesOutOthers: boolean) {
    this.#given = given;
    this.#leavesOutOthers = leavesOutOthers;
  }

  get isLeft(): boolean {
    return this.#index < this.#given.length;
  }

  keep(): void {
    this.argv.push(this.#given[this.#index++] as string);
  }

  next(): void {
    const argument = this.#given[this.#index] as string;
    if (!argument.startsWith("-") || argument === "--") {
      if (this.#leavesOutOthers) this.#leaveOut(argument);
      else this.keep();
      return;
    }
    const name = argument.split("=", 1)[0] as string;
    const [, className = "", trait = ""] = traitlet.exec(name) ?? [];
    const ours = className === "" ? sameOption[name] : serverClasses.has(className) ? sameTrait[trait] : undefined;
    if (ours !== undefined && argument !== "--disable-user-config") this.#translate(name, ours);
    else if (name === "--debug") this.#replace("--log-level=debug");
    else if (argument === "--disable-user-config") this.#replace("--disable-user-config=on");
    else if (needlessFlags.has(name)) this.#index += 1;
    else if (otherFlags.has(name)) this.#ignore(name, false);
    else if (className !== "" || otherOptions.has(name)) this.#ignore(name, true);
    else this.#keepOurs(name);
  }

  /** A value of ours that is an argument of its own is no leftover. */
  #keepOurs(name: string): void {
    const isSwitchOrUnknown = !settingNames.includes(name.slice(2) as SettingName);
    const isWhole = (this.#given[this.#index] as string).includes("=");
    this.keep();
    const next = this.#given[this.#index];
    if (!isSwitchOrUnknown && !isWhole && next !== undefined && !next.startsWith("-")) this.keep();
  }

  #replace(argument: string): void {
    this.argv.push(argument);
    this.#index += 1;
  }

  #ignore(name: string, takesValue: boolean): void {
    if (takesValue) this.#takeValue();
    else this.#index += 1;
    this.warnings.push(`The argument ${name} is for JupyterHub's own server. WAIIDE ignores it.`);
  }

  /** Jupyter takes it for a folder or a notebook to open. */
  #leaveOut(argument: string): void {
    this.#index += 1;
    if (argument === "" || argument === "--") return;
    this.warnings.push(`The argument “${argument}” is not an option. WAIIDE ignores it.`);
  }

  #translate(name: string, ours: string): void {
    const isWhole = (this.#given[this.#index] as string).includes("=");
    const given = this.#takeValue();
    const setting = ours.slice(2) as SettingName;
    const value = given === undefined ? undefined : inOurWords(setting, given);
    if (!isValidText(setting, value ?? true)) {
      this.warnings.push(`WAIIDE ignores the argument ${name}: it cannot use its value.`);
    } else if (value === undefined) this.argv.push(ours);
    else if (isWhole) this.argv.push(`${ours}=${value}`);
    else this.argv.push(ours, value);
  }

  /** Moves on, behind the value too, which may be an argument of its own. */
  #takeValue(): string | undefined {
    const argument = this.#given[this.#index++] as string;
    const equals = argument.indexOf("=");
    if (equals !== -1) return argument.slice(equals + 1);
    const next = this.#given[this.#index];
    if (next === undefined || next.startsWith("-")) return undefined;
    this.#index += 1;
    return next;
  }
}

function inOurWords(setting: SettingName, value: string): string {
  // Jupyter's words for all addresses.
  if (setting === "host" && (value === "" || value === "*")) return everyAddress();
  if (setting === "log-level") return logLevels[value.toLowerCase()] ?? value.toLowerCase();
  // Seconds may have a fraction there.
  if (setting === "shutdown-no-activity-timeout" && /^\d+\.\d+$/.test(value)) return String(Math.ceil(Number(value)));
  return value;
}
