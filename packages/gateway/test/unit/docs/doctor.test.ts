import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const sources = [
  "doctor/app-names.ts",
  "doctor/checks.ts",
  "doctor/hub-mode.ts",
  "doctor/package-apps.ts",
  "doctor/port-names.ts",
  "doctor/settings.ts",
  "hub/checks.ts",
];

/** Texts of findings, and names of checks, as the code writes them. */
const messages = /(?:message(?:\s*=|:)|(?:warning|problem)\(\s*(?:"[^"]+"|check),)\s*(?:`([^`]*)`|"([^"]*)")/g;
const checks = /(?:(?:warning|problem|ok|failed)\(\s*|check(?:\s*=|:)\s*)"([^"]+)"/g;

/** What stands between the values of a message is too short to look for below so many characters. */
const shortest = 12;

describe("docs/troubleshooting.md says what “waiide doctor” can say", async () => {
  const page = await readFile(resolve(import.meta.dirname, "../../../../../docs/troubleshooting.md"), "utf8");
  const section = /\n## What doctor says\n([\s\S]*?)(?=\n## |$)/.exec(page)?.[1] ?? "";
  const texts = await Promise.all(
    sources.map((name) => readFile(resolve(import.meta.dirname, "../../../src", name), "utf8")),
  );
  const code = texts.join("\n");
  const parts = [...code.matchAll(messages)]
    .flatMap(([, template, text]) => (template ?? text ?? "").split(/\$\{(?:[^{}]|\{[^}]*\})*(?:\}|$)/))
    .map((part) => part.replace(/^[\s:;,]+|[\s:;,(]+$/g, ""))
    .filter((part) => part.length >= shortest);
  /** Said with ✓, of the same form as what is said with another mark. */
  const fine = ["the hub has no scopes", "and admins if the hub lets them, get in by name", "on the hub's own domain"];

  it.each(parts.filter((part) => !fine.includes(part)))("%s", (part) => {
    expect(section).toContain(part);
  });

  it("finds them in the code", () => {
    expect(parts.length).toBeGreaterThan(20);
    expect(parts).toContain("the hub does not know this server's token (JUPYTERHUB_API_TOKEN)");
  });

  it("every check that can fail has a row, and no other does", () => {
    const rows = [...section.matchAll(/^\| ([^|]+) \| [!✗]/gm)].map(([, name]) => name);
    const named = new Set([...code.matchAll(checks)].map(([, name = ""]) => name));
    const always = ["mode", "hub address"];
    expect([...new Set(rows)].sort()).toEqual([...named, "app …"].filter((name) => !always.includes(name)).sort());
  });
});
