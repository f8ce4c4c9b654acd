// `npm run test:hubs`: tests with every supported version of JupyterHub; writes the results into docs/hub-versions.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, repository, run, runScript } from "./bootstrap/steps.mjs";
import { hubVersions } from "./environments/table.ts";
import { setup } from "./setup.ts";

/** A test's result, as vitest reports it. */
interface Assertion {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Assertion[] }[];
}

const notes = [
  "- **login, named server**: a person gets from the hub's login page to the IDE; a login at one server does not count at another.",
  "- **WebSocket, token, refusals, administrator**: who gets the IDE's page, a port, a WebSocket and the API, and who gets 401 or 403.",
  "- **activity**: the hub knows when a person is active. **stop**: the hub's button leaves no process.",
  "- Hubs before 2 have no scopes: the owner's name decides, and administrators get in only if the hub sets",
  "  `c.JupyterHub.admin_access = True`. Such a hub lets everybody log in at every server; the gateway then refuses them.",
  "- Shares made at the hub exist since 5.0.",
];

await runScript(async () => {
  await setup();
  const folder = mkdtempSync(join(tmpdir(), "waiide-test-"));
  try {
    const file = join(folder, "result.json");
    const args = ["run", "--project", "hubs", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const { code } = await run("vitest", args, { show: true, env: environment });
    const { testResults } = JSON.parse(readFileSync(file, "utf8")) as Report;
    const page = join(repository, "docs", "hub-versions.md");
    writeFileSync(page, pageOf(testResults.flatMap(({ assertionResults }) => assertionResults)));
    console.log(`The table is in ${page}`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function pageOf(assertions: readonly Assertion[]): string {
  const ofHubs = assertions.filter(({ ancestorTitles }) =>
    ancestorTitles.some((title) => /^JupyterHub \d/.test(title)),
  );
  const columns = [...new Set(ofHubs.map(({ title }) => title))];
  const rows = Object.entries(hubVersions).map(([version, extras]) => {
    const own = assertions.filter(({ ancestorTitles }) => ancestorTitles.includes(`JupyterHub ${version}`));
    const cells = columns.map((column) => cellOf(own.find(({ title }) => title === column)));
    const needs = extras.filter((extra) => extra.includes("<")).map((extra) => `\`${extra}\``);
    return [version, needs.join(" "), ...cells];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const head = ["JupyterHub", "pip also needs", ...columns];
  return `# Versions of JupyterHub

\`npm run test:hubs\` creates this page: it tests each version with a real hub, its proxy and real servers. \`npm test\` runs all tests
with the first version, and these with the next two.

${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}

${notes.join("\n")}
`;
}

function cellOf(assertion: Assertion | undefined): string {
  if (assertion === undefined) return "not run";
  return assertion.status === "passed" ? "yes" : assertion.status === "failed" ? "**no**" : "not run";
}
