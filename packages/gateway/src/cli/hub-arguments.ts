import { everyAddress, hubVariables } from "../config/hub-settings.ts";
import { isValidText } from "../config/parse-setting.ts";
import { type SettingName, settingNames, settings } from "../config/settings/settings.ts";
import { needlessFlags, otherFlags, otherOptions, sameOption, sameTrait, serverClasses } from "./jupyter-arguments.ts";

/** The command line in WAIIDE's own flags, and warnings about what was left out. */
export interface TranslatedArguments {
  readonly argv: readonly string[];
  readonly warnings: readonly string[];
}

export interface HubArgumentsOptions {
  /** Names of our subcommands. Their arguments are not translated. */
  readonly commands?: readonly string[];
  /** Whether the hub started this process. A person's typing errors in the IDE's terminal must not start a server. */
  readonly isSpawned?: boolean;
}

/** A trait of a Jupyter class, such as `--ServerApp.token=x` (command lines of traitlets). */
const traitlet = /^--([A-Z]\w*)\.(?:\w+\.)*(\w+)$/;

/** Log levels of Python, by name and number, as WAIIDE's. */
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
 * Whether a hub started this process, by command line and environment. Only then are Jupyter's arguments translated;
 * elsewhere they are probably mistakes.
 */
export function isStartedByHub(argv: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  const flag = argv.findIndex((argument) => argument === "--mode" || argument.startsWith("--mode="));
  const said = flag === -1 ? undefined : (argv[flag]?.split("=")[1] ?? argv[flag + 1]);
  const mode = said ?? environment.WAIIDE_MODE ?? "auto";
  return mode === "jupyterhub" || (mode === "auto" && hubVariables.some((name) => environment[name]));
}

/**
 * Translates arguments for jupyterhub-singleuser, which old hubs append and configurations of hubs contain. An argument
 * without an equivalent is left out with a warning, so that no such argument prevents the start. Unknown options stay and
 * are refused by name.
 * @param argv without the name of the program
 */
export function translateHubArguments(argv: readonly string[], options: HubArgumentsOptions = {}): TranslatedArguments {
  const { commands = [], isSpawned = true } = options;
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

  /** Keeps one of our own flags, with its value if that is the next argument. */
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

  /** For Jupyter, such an argument is a folder or a notebook to open. */
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
    if (!isValidText(setting, settings[setting], value ?? true)) {
      this.warnings.push(`WAIIDE ignores the argument ${name}: it cannot use its value.`);
    } else if (value === undefined) this.argv.push(ours);
    else if (isWhole) this.argv.push(`${ours}=${value}`);
    else this.argv.push(ours, value);
  }

  /** Skips the argument and its value, which may be the next argument. */
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
  // Jupyter writes all addresses in these ways.
  if (setting === "host" && (value === "" || value === "*")) return everyAddress();
  if (setting === "log-level") return logLevels[value.toLowerCase()] ?? value.toLowerCase();
  // Jupyter accepts fractions of seconds.
  if (setting === "shutdown-no-activity-timeout" && /^\d+\.\d+$/.test(value)) return String(Math.ceil(Number(value)));
  return value;
}
