import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { maxNoteLength } from "@waiide/protocol";
import { expect, it } from "vitest";

const folder = resolve(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(resolve(folder, name), "utf8");
const manifest = JSON.parse(read("package.json"));
const sources = readdirSync(resolve(folder, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => read(`src/${name}`))
  .join("\n");

it("the commands have exactly these titles", () => {
  const names = JSON.parse(read("package.nls.json"));
  const titles = manifest.contributes.commands
    .filter(({ category }: { category?: string }) => category === "WAIIDE")
    .map(({ title }: { title: string }) => `WAIIDE: ${names[title.replaceAll("%", "")]}`);
  for (const title of [
    "Share Workspace",
    "Share Current File",
    "Share Selection",
    "Revoke All Shares",
    "Manage Shares",
  ]) {
    expect(titles.filter((one: string) => one === `WAIIDE: ${title}`)).toHaveLength(1);
  }
});

it("every text of the manifest has its words, and every command its code", () => {
  const names = JSON.parse(read("package.nls.json"));
  for (const [, key = ""] of read("package.json").matchAll(/"%([\w.]+)%"/g)) expect(names, key).toHaveProperty([key]);
  for (const { command } of manifest.contributes.commands) expect(sources).toContain(`"${command}"`);
});

it("conditions of the manifest use words or patterns, without double quotes", () => {
  const conditions = [...read("package.json").matchAll(/"when": "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text);
  expect(conditions.length).toBeGreaterThan(20);
  for (const condition of conditions) expect(condition).not.toContain('\\"');
});

it("the translation bundle has every message of the code, and no other", () => {
  const messages = [...sources.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)].map(([, message]) => message);
  const bundle = JSON.parse(read("l10n/bundle.l10n.json"));
  expect(Object.keys(bundle).sort()).toEqual([...new Set(messages)].sort());
  for (const [message, words] of Object.entries(bundle)) expect(words).toBe(message);
});

it("runs in untrusted workspaces, beside the files, in VS Code from 1.84 on", () => {
  expect(manifest).toMatchObject({
    engines: { vscode: "^1.84.0" },
    extensionKind: ["workspace"],
    capabilities: { untrustedWorkspaces: { supported: true } },
  });
});

it("takes notes as long as the gateway does", () => {
  expect(sources).toContain(`maxNoteLength = ${maxNoteLength};`);
});
