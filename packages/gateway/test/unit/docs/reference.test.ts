import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { routeTable } from "../../../src/access/routes.ts";
import { errorTable } from "../../../src/base/errors.ts";
import { hiddenGroups } from "../../../src/config/names/hidden-names.ts";
import type { NameGroup } from "../../../src/config/names/name-groups.ts";
import { protectedGroups } from "../../../src/config/names/protected-names.ts";
import { AppSchema } from "../../../src/config/settings/apps.ts";
import { settings } from "../../../src/config/settings/settings.ts";
import { settingRows } from "../../support/settings-page.ts";

/**
 * The reference pages are what the tables in the code say. After a change of a table, `npx vitest run --project unit -u`
 * writes them anew; without that these tests fail.
 */
function page(name: string): string {
  return join(import.meta.dirname, "../../../../../docs/reference", name);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

it("docs/reference/errors.md is the error table", async () => {
  const rows = Object.entries(errorTable).map(([code, row]) => {
    const number = "status" in row ? `HTTP ${row.status}` : `exit ${row.exit}`;
    return [`\`${code}\``, number, row.message, row.action];
  });
  const text = `# Errors

Every error that WAIIDE shows has one of these codes. Programs get it as \`{"error": {"code", "message", "action"}}\` with the
HTTP status, people as a page; errors that end the command are printed with the code and set its exit code. Words in braces
are filled in.

${table(["code", "status", "what happened", "what to do"], rows)}
`;
  await expect(text).toMatchFileSnapshot(page("errors.md"));
});

it("docs/reference/settings.md is the settings table", async () => {
  const text = `# Settings

Sources, later ones win: defaults, \`/etc/waiide/config.json\` (the administrator's), \`~/.config/waiide/config.json\` (the user's),
environment variables, flags. A configuration file holds one JSON object whose keys are the flags without their dashes, e.g.
\`{"port": 9000, "extensions": ["ms-python.python"]}\`. The user's file may only set what is the user's. In flags and variables,
lists are separated by commas, switches are \`on\` or \`off\`, and objects are JSON or the path of a file with it. An unknown flag,
variable or key is an error. \`waiide config\` prints every value in force with its source.

${table(["flag", "variable", "default", "set by", "meaning"], settingRows(settings))}
`;
  await expect(text).toMatchFileSnapshot(page("settings.md"));
});

it("R10, R11: docs/reference/names.md is both lists, by reason", async () => {
  const rows = (groups: readonly NameGroup[]) =>
    groups.map(({ title, why, names }) => [title, why, names.map((name) => `\`${name}\``).join(" ")]);
  const text = `# What guests never see or write

Names and globs of files and folders, at any depth and in any case; one with a slash matches consecutive parts of a path. The lists also
apply to the shared folder itself and to every folder above it. What a thing *is* counts before its name:
[sharing-files.md](../sharing-files.md). An administrator replaces a list with \`share-hidden\` or \`share-protected\`;
\`GET /api/share/info\` returns the lists in force, in these groups.

## Hidden from View Only and Full Access

${table(["group", "why", "names"], rows(hiddenGroups))}

## Protected from Full Access
These are files that the owner's programs run, or read commands from, without being asked: when they open or enter a folder, on save, by
git, at the start of a tool. Files that people run on purpose (a script, a notebook, a Makefile) are not protected.

${table(["group", "why", "names"], rows(protectedGroups))}
`;
  await expect(text).toMatchFileSnapshot(page("names.md"));
});

it("R10, R11: every name is in one group of its list only, and every reason ends a sentence", () => {
  for (const groups of [hiddenGroups, protectedGroups]) {
    const names = groups.flatMap((group) => group.names);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const { why } of groups) expect(why).toMatch(/^[a-z].*[^.]$/);
  }
});

it("docs/reference/paths.md is the route table", async () => {
  const modes = { standalone: "without a hub", jupyterhub: "behind a hub" } as const;
  const rows = routeTable.map(({ segment, who, meaning, mode }) => {
    return [`\`/${segment}\``, who, mode === undefined ? meaning : `${meaning} (${modes[mode]})`];
  });
  const text = `# Paths

All paths are below the base URL (\`--base-url\`), for HTTP and WebSockets. \`owner\` paths need a login if logins are on.
Outside the base URL, \`/healthz\` answers, and any other GET is redirected to the same path below it.

${table(["first part of the path", "who", "what"], rows)}
`;
  await expect(text).toMatchFileSnapshot(page("paths.md"));
});

it("docs/apps.md names every option of an app", async () => {
  const text = await readFile(join(page(".."), "apps.md"), "utf8");
  for (const option of Object.keys(AppSchema.properties)) expect(text).toContain(`\`${option}\``);
});

it("every error says what to do, and every placeholder of a message can be filled", () => {
  for (const [code, row] of Object.entries(errorTable)) {
    expect(row.message, code).toMatch(/\S/);
    expect(row.action, code).toMatch(/\S/);
    expect("status" in row !== "exit" in row, `${code} has a status or an exit code`).toBe(true);
  }
});

it("docs/dependencies.md gives a reason for every dependency, and for no other", async () => {
  const root = join(import.meta.dirname, "../../../../..");
  const packages = ["extension", "gateway", "protocol", "workbench"].map((name) => `packages/${name}/package.json`);
  const manifests = ["package.json", ...packages];
  const used = new Set<string>();
  for (const file of manifests) {
    const manifest = JSON.parse(await readFile(join(root, file), "utf8")) as Record<string, Record<string, string>>;
    for (const field of ["dependencies", "devDependencies", "optionalDependencies"]) {
      for (const name of Object.keys(manifest[field] ?? {})) used.add(name);
    }
  }
  const ours = [...used].filter((name) => !name.startsWith("@waiide/") && !name.startsWith("@types/"));
  const text = await readFile(join(root, "docs/dependencies.md"), "utf8");
  const named = [...text.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual(ours.sort());
});
