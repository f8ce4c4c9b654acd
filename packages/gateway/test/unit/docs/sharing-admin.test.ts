import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { errorTable } from "../../../src/base/errors.ts";
import { settingNames, settings } from "../../../src/config/settings/settings.ts";
import { ceilings } from "../../../src/config/settings/sharing.ts";

const root = join(import.meta.dirname, "../../../../..");
const page = (name: string) => readFile(join(root, "docs", name), "utf8");

/** Of the former document: what people look for who had it. */
const formerHeadings = [
  "Sharing not available",
  "Failed to generate share link",
  "Failed to parse URL from /user/…/api/share/create",
  "Recipients can't access shared link",
  "Authentication still required despite share token",
];
const formerPlans = ["DevContainer Sharing", "Port Forwarding", "live cursors", "Version Control Integration"];

it("docs/sharing-admin.md names every ceiling, and no setting that users may change", async () => {
  const [, section = ""] = /^## Ceilings\n([\s\S]*?)^## /m.exec(await page("sharing-admin.md")) ?? [];
  const named = [...section.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
  const names = [...Object.keys(ceilings), "sharing", "hub-share-level", "allow-exposed-hub-token"];
  expect(named.sort()).toEqual(names.sort());
  expect(settingNames.filter((name) => names.includes(name) && settings[name].setBy !== "administrator")).toEqual([]);
});

it("docs/sharing-admin.md names every configuration", async () => {
  const all = await readdir(join(root, "deploy/jupyterhub"));
  // A spawner's, which shares nothing.
  const files = all.filter((name) => name.endsWith(".py") && name !== "docker.py");
  const text = await page("sharing-admin.md");
  for (const file of files) expect(text).toContain(`\`${file}\``);
});

it.each(["sharing-admin.md", "sharing.md", "sharing-people.md", "sharing-files.md", "migration.md"])(
  "docs/%s names only errors that exist",
  async (name) => {
    const codes = [...(await page(name)).matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code = ""]) => code);
    const others = codes.filter((code) => !(code in errorTable) && !/^(JUPYTERHUB|WAIIDE)_/.test(code));
    expect(others).toEqual([]);
  },
);

it("docs/sharing.md is for owners and guests: administrators' settings are elsewhere", async () => {
  const text = await page("sharing.md");
  const theirs = settingNames.filter((name) => settings[name].setBy === "administrator" && name.includes("-"));
  expect(theirs.filter((name) => text.includes(`\`${name}\``))).toEqual([]);
  expect(text.split("\n").length).toBeLessThan(145);
});

it("docs/migration.md answers the former document's troubleshooting and plans", async () => {
  const text = await page("migration.md");
  for (const heading of formerHeadings) expect(text).toContain(`| “${heading}” |`);
  for (const plan of formerPlans) expect(text).toContain(plan);
});
