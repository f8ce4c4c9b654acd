import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { Program } from "./process.ts";

const repository = join(import.meta.dirname, "../..");

/** A temporary folder for one run, and everything started in it: closing it leaves no process and no file. */
export class Workplace {
  readonly root = mkdtempSync(join(tmpdir(), "waiide-bench-"));
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #commands = new Map<string, string>();
  #folders = 0;
  #closing: Promise<void> | undefined;

  /** A new, empty folder. */
  folder(name: string): string {
    const folder = join(this.root, `${this.#folders++}-${name}`);
    mkdirSync(folder);
    return folder;
  }

  /** The same small workspace for everyone: a new copy in `parent`. */
  workspace(parent: string): string {
    const folder = join(parent, "workspace");
    for (const [name, text] of Object.entries(files)) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return folder;
  }

  /**
   * What programs under test get for an environment: nothing that says hub, IDE or gateway leaks in from outside. Node
   * programs find this Node first.
   */
  environment(home: string): NodeJS.ProcessEnv {
    return {
      HOME: home,
      PATH: `${dirname(process.execPath)}:${process.env.PATH ?? "/usr/bin:/bin"}`,
      LANG: process.env.LANG ?? "C.UTF-8",
      SHELL: "/bin/sh",
    };
  }

  /** Starts a program in a folder made by `folder()`; it is ended with the workplace at the latest. */
  async start(
    folder: string,
    command: [string, ...string[]],
    environment = this.environment(folder),
  ): Promise<Program> {
    const program = await Program.start({ command, cwd: folder, log: join(folder, "program.log"), environment });
    this.onClose(() => program.close());
    this.#commands.set(basename(folder).replace(/^\d+-/, ""), this.#plain(command, folder));
    return program;
  }

  /** The commands that were run, by folder name, with `$FOLDER` for the folder and nothing else of this machine. */
  get commands(): Record<string, string> {
    return Object.fromEntries(this.#commands);
  }

  #plain(command: readonly string[], folder: string): string {
    const names: [string, string][] = [
      [folder, "$FOLDER"],
      [process.execPath, "node"],
      [repository, "."],
      [homedir(), "~"],
    ];
    const short = (word: string): string => names.reduce((text, [path, name]) => text.replace(path, name), word);
    const [program = "", ...args] = command.map(short);
    // Programs of the machine by name alone. Ports are free ones, different each time.
    return [isAbsolute(program) ? basename(program) : program, ...args]
      .map((word) => word.replace(/^(127\.0\.0\.1:)?\d{4,5}$/, "$1PORT").replace(/:\d{4,5}$/, ":PORT"))
      .join(" ");
  }

  /** Has `close` called when the run ends, last started first closed. */
  onClose(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.reverse()) await close().catch((error: unknown) => failures.push(error));
    // A program may still write while it is being killed: rm tries a few times.
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
    if (failures.length > 0) throw new AggregateError(failures, "not everything could be stopped");
  }
}

const files: Record<string, string> = {
  "README.md": "# Rivers\n\nMonthly flow of three rivers, and a script that plots it.\n",
  "data/flow.csv": "month,rhine,elbe,danube\n1,2301,861,1420\n2,2477,912,1533\n3,2389,1104,1790\n",
  "src/plot.py":
    'import csv\n\nwith open("data/flow.csv") as file:\n    for row in csv.DictReader(file):\n        print(row)\n',
  "src/summary.ts":
    "export const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;\n",
  "requirements.txt": "matplotlib\n",
};
