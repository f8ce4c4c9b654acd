// `npm test [-- stage …]`: sets up everything, then runs the named stages, or all, up to the first that fails.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { environment, run, runScript, SetupError, step } from "./bootstrap/steps.mjs";
import { whyNoContainers } from "./environments/containers.ts";
import { setup } from "./setup.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const stages: Readonly<Record<string, () => Promise<Counts>>> = {
  lint: () => check("npm", ["run", "--silent", "lint"]),
  types: () => check("tsc", ["-b"]),
  unit: () => vitest("unit"),
  integration: () => vitest("integration"),
  "end-to-end": () => vitest("end-to-end"),
};

interface Browser {
  readonly name: string;
  /** Environment variable that names one, and tells the tests which to use. */
  readonly variable: string;
  /** In apt. */
  readonly package: string;
  readonly commands: readonly string[];
}

const browsers: readonly Browser[] = [
  {
    name: "Chromium",
    variable: "WAIIDE_CHROMIUM",
    package: "chromium",
    commands: ["chromium", "chromium-browser", "google-chrome"],
  },
  { name: "Firefox", variable: "WAIIDE_FIREFOX", package: "firefox-esr", commands: ["firefox-esr", "firefox"] },
];

/** The browsers of the tests by their variables, once they are found. */
const found: Record<string, string> = {};

await runScript(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in stages));
  if (unknown !== undefined) {
    throw new SetupError(`There is no stage “${unknown}”.`, `Stages are ${Object.keys(stages).join(", ")}.`);
  }
  const chosen = Object.entries(stages).filter(([name]) => names.length === 0 || names.includes(name));
  await setup();
  if (chosen.some(([name]) => name === "integration" || name === "end-to-end")) {
    await installTmux();
    for (const browser of browsers) found[browser.variable] = findBrowser(browser) ?? (await installBrowser(browser));
  }

  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, stage] of chosen) {
    console.log(`\n── ${name} ──`);
    const started = performance.now();
    const counts = await stage();
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    const outcome = counts.failed === 0 ? "passed" : "failed";
    console.log(`── ${name} ${outcome} (${((performance.now() - started) / 1000).toFixed(1)} s) ──`);
    if (counts.failed > 0) break;
  }
  const noContainers = whyNoContainers();
  if (noContainers !== undefined && chosen.some(([name]) => name === "end-to-end")) {
    console.log(`The image was not tested (test/containers/docker.test.ts was skipped): ${noContainers}.`);
  }
  const skipped = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 ? 0 : 1;
});

/** A stage without tests counts only when it fails. */
async function check(command: string, args: readonly string[]): Promise<Counts> {
  const { code } = await run(command, args, { show: true });
  return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** The part of vitest's JSON report that this reads. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

async function vitest(project: string): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "waiide-test-"));
  try {
    const file = join(folder, "result.json");
    const { code } = await run(
      "vitest",
      ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
      { show: true, env: { ...environment, ...found } },
    );
    if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
    const result = JSON.parse(readFileSync(file, "utf8")) as Report;
    // A file that cannot be loaded, or an error between tests, is a failure too.
    const failed = Math.max(result.numFailedTests, code === 0 ? 0 : 1);
    return { passed: result.numPassedTests, failed, skipped: result.numPendingTests + result.numTodoTests };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function findBrowser({ variable, commands }: Browser): string | undefined {
  const named = process.env[variable];
  if (named) {
    if (existsSync(named)) return named;
    throw new SetupError(`${variable} names ${named}, which is not there.`, "Correct or unset it.");
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return commands.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

/** Through apt, where that needs no password. */
async function installBrowser(browser: Browser): Promise<string> {
  const advice = `or name one: ${browser.variable}=/path/to/it npm test.`;
  await installPackage(browser.package, `The tests need ${browser.name}`, advice);
  const installed = findBrowser(browser);
  if (installed === undefined) {
    throw new SetupError(`apt-get installed no ${browser.name} of a known name.`, `Install it, ${advice}`);
  }
  return installed;
}

/** Guests hide processes with tmux without meaning to, so tests use the real one. */
async function installTmux(): Promise<void> {
  if (existsSync("/usr/bin/tmux")) return;
  await installPackage("tmux", "Tests of Terminal Access need tmux", "then try again.");
}

/** `otherwise` is what else the user can do, after “install it, …”. */
async function installPackage(name: string, why: string, otherwise: string): Promise<void> {
  const missing = (reason: string) =>
    new SetupError(`${why}, and ${reason}`, `Install it (on Debian: “sudo apt-get install -y ${name}”), ${otherwise}`);
  if (!existsSync("/usr/bin/apt-get")) throw missing("this system has no apt-get to install it with.");
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (asRoot.length > 0 && (await run("sudo", ["-n", "true"])).code !== 0) {
    throw missing("only an administrator can install it here.");
  }
  await step(`Install ${name} (apt-get)`, async () => {
    for (const args of [["update"], ["install", "-y", "--no-install-recommends", name]]) {
      const [command = "", ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
      const { code, output } = await run(command, rest);
      if (code !== 0)
        throw missing(`“apt-get ${args.join(" ")}” failed:\n${output.trimEnd().split("\n").slice(-5).join("\n")}`);
    }
  });
}
