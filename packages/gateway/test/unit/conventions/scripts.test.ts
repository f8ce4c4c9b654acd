import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../../../../..");
const bootstrap = join(repository, "scripts/bootstrap");

it("the bootstrap runs on a bare Node 20: no TypeScript, no dependency", () => {
  for (const name of readdirSync(bootstrap)) {
    expect(name).toMatch(/\.mjs$/);
    const text = readFileSync(join(bootstrap, name), "utf8");
    for (const [, imported] of text.matchAll(/(?:\bfrom|\bimport) *\(?"([^"]+)"/g)) {
      expect(imported, name).toMatch(/^node:|^\.\/[a-z-]+\.mjs$/);
    }
  }
});

it("every npm script in TypeScript replaces npm's shell, and its file exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const ours = Object.entries(scripts).filter(([, command]) => command.includes(".ts"));
  expect(ours.length).toBeGreaterThan(8);
  // A signal to npm reaches its shell alone, which would leave the program running.
  for (const [name, command] of ours) {
    const [, file = ""] = /^exec node scripts\/bootstrap\/run\.mjs (\S+\.ts)$/.exec(command) ?? [];
    expect(existsSync(join(repository, file)) && file !== "", `npm run ${name}`).toBe(true);
  }
});
