// `npm test [-- stage …]`: sets up everything, then runs all stages, or those named, up to the first that fails.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { whyNoContainers } from "./containers.mjs";
import { environment, run, runScript, SetupError, step } from "./library/steps.mjs";
import { setup } from "./setup.mjs";

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/** @type {Readonly<Record<string, () => Promise<Counts>>>} */
const stages = {
  lint: () => check("npm", ["run", "--silent", "lint"]),
  types: () => check("tsc", ["-b"]),
  unit: () => vitest("unit"),
  integration: () => vitest("integration"),
  "end-to-end": () => vitest("end-to-end"),
};

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {string} variable names one, and tells the tests which
 * @property {string} package of apt
 * @property {readonly string[]} commands
 */

/** @type {readonly Browser[]} */
const browsers = [
  {
    name: "Chromium",
    variable: "WAIIDE_CHROMIUM",
    package: "chromium",
    commands: ["chromium", "chromium-browser", "google-chrome"],
  },
  { name: "Firefox", variable: "WAIIDE_FIREFOX", package: "firefox-esr", commands: ["firefox-esr", "firefox"] },
];

/** The browsers of the tests by their variables, once they are found. @type {Record<string, string>} */
const found = {};

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

/**
 * A stage that is no suite of tests counts only when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<Counts>}
 */
async function check(command, args) {
  const { code } = await run(command, args, { show: true });
  return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/**
 * @param {string} project
 * @returns {Promise<Counts>}
 */
async function vitest(project) {
  const folder = mkdtempSync(join(tmpdir(), "waiide-test-"));
  try {
    const file = join(folder, "result.json");
    const { code } = await run(
      "vitest",
      ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
      { show: true, env: { ...environment, ...found } },
    );
    if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
    /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} */
    const result = JSON.parse(readFileSync(file, "utf8"));
    // A file that cannot even be loaded, or an error between tests, is a failure too.
    const failed = Math.max(result.numFailedTests, code === 0 ? 0 : 1);
    return { passed: result.numPassedTests, failed, skipped: result.numPendingTests + result.numTodoTests };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Browser} browser
 * @returns {string | undefined}
 */
function findBrowser({ variable, commands }) {
  const named = process.env[variable];
  if (named) {
    if (existsSync(named)) return named;
    throw new SetupError(`${variable} names ${named}, which is not there.`, "Correct or unset it.");
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return commands.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

/**
 * Through apt, where that is allowed without a question.
 * @param {Browser} browser
 * @returns {Promise<string>}
 */
async function installBrowser(browser) {
  const advice = `or name one: ${browser.variable}=/path/to/it npm test.`;
  await installPackage(browser.package, `The tests need ${browser.name}`, advice);
  const installed = findBrowser(browser);
  if (installed === undefined) {
    throw new SetupError(`apt-get installed no ${browser.name} of a known name.`, `Install it, ${advice}`);
  }
  return installed;
}

/** What guests hide processes with without meaning to, so it is tried itself. */
async function installTmux() {
  if (existsSync("/usr/bin/tmux")) return;
  await installPackage("tmux", "Tests of Terminal Access need tmux", "then try again.");
}

/**
 * @param {string} name
 * @param {string} why
 * @param {string} otherwise what else there is to do, after “install it, …”
 */
async function installPackage(name, why, otherwise) {
  const missing = (/** @type {string} */ reason) =>
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
