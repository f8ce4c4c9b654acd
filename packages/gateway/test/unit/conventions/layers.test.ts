import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { cruise, type ICruiseOptions, type ICruiseResult } from "dependency-cruiser";
import { afterAll, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../../../../..");
const folder = mkdtempSync(join(tmpdir(), "waiide-layers-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The names of the rules that files with these contents break. */
async function broken(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = mkdtempSync(join(folder, "case-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const { default: config } = (await import(`${repository}/dependency-cruiser.config.mjs`)) as {
    default: { forbidden: object[]; options: ICruiseOptions };
  };
  const options = {
    ...config.options,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: config.forbidden },
  } as ICruiseOptions;
  const { output } = await cruise(["packages"], options);
  return [...new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name))].sort();
}

const gateway = "packages/gateway/src";
const featuresRule = "gateway-activity-apps-copies-git-pull-hub-hub-service-ide-pages-share-webviews";

it("an import of a lower layer is permitted", async () => {
  expect(
    await broken({
      [`${gateway}/http/answer.ts`]: 'import { errors } from "../base/errors.ts";\nexport const answer = errors;\n',
      [`${gateway}/base/errors.ts`]: "export const errors = 1;\n",
    }),
  ).toEqual([]);
});

it.each([
  ["a value from a higher layer", "http/answer.ts", 'import { a } from "../share/a.ts";', "gateway-http"],
  ["a type from a higher layer", "base/log.ts", 'import type { A } from "../share/a.ts";', "gateway-base"],
  ["the roof", "cli/program.ts", 'import { a } from "../gateway.ts";', "gateway-cli-container-doctor"],
  ["a part of the roof", "ide/ide.ts", 'import { a } from "../parts/a.ts";', featuresRule],
  [
    "the whole configuration",
    "ide/ide.ts",
    'import type { A } from "../config/config.ts";',
    "gateway-settings-from-above",
  ],
  [
    "the whole configuration in a share",
    "share/b.ts",
    'import type { A } from "../config/config.ts";',
    "gateway-settings-from-above",
  ],
  ["a feature by the routes' host", "api/api.ts", 'import { a } from "../share/a.ts";', "gateway-api-hosts-routes"],
  ["what is imported when it runs", "api/api.ts", 'export const a = () => import("../cli/a.ts");', "gateway-api"],
])("%s is refused", async (_what, from, line, rule) => {
  const target = "export const a = 1;\nexport type A = 1;\n";
  const files = {
    [`${gateway}/${from}`]: `${line}\nexport const here = 1;\n`,
    [`${gateway}/share/a.ts`]: target,
    [`${gateway}/cli/a.ts`]: target,
    [`${gateway}/config/config.ts`]: target,
    [`${gateway}/parts/a.ts`]: target,
    [`${gateway}/gateway.ts`]: target,
  };
  expect(await broken(files)).toEqual([rule]);
});

it("a circle is refused, even of types only", async () => {
  const files = {
    [`${gateway}/share/a.ts`]: 'import type { B } from "./b.ts";\nexport type A = B | 1;\n',
    [`${gateway}/share/b.ts`]: 'import type { A } from "./a.ts";\nexport type B = A | 2;\n',
  };
  expect(await broken(files)).toEqual(["no-circles"]);
});

it("a package imports only the protocol of the others, and every folder has a layer", async () => {
  const files = {
    "packages/workbench/src/page.ts": 'import { a } from "../../gateway/src/base/a.ts";\nexport const page = a;\n',
    "packages/protocol/src/index.ts": 'import { a } from "../../gateway/src/base/a.ts";\nexport const b = a;\n',
    [`${gateway}/base/a.ts`]: "export const a = 1;\n",
    [`${gateway}/api/b.ts`]: 'import { c } from "../attic/c.ts";\nexport const b = c;\n',
    [`${gateway}/attic/c.ts`]: "export const c = 1;\n",
  };
  expect(await broken(files)).toEqual(["gateway-known-folders", "packages-meet-in-protocol", "protocol-stands-alone"]);
});
