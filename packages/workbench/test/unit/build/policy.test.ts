import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  coloursPolicy,
  pagePolicy,
  scriptedFrameConnections,
  scriptedFramePolicy,
  stillFramePolicy,
  workerPolicy,
} from "../../../build/policy.ts";

const folder = join(import.meta.dirname, "../../..");

it("R18: the policies are those that the documentation shows", async () => {
  const readme = await readFile(join(folder, "README.md"), "utf8");
  const shown = [...readme.matchAll(/^```\n(.*)\n```$/gm)].map(([, policy]) => policy);
  expect(shown).toEqual([pagePolicy, scriptedFramePolicy]);
  expect(readme).toContain(`\`Connection-Allowlist: ${scriptedFrameConnections}\``);
});

it("R18: the page and its workers evaluate no text and stay on their own origin", () => {
  for (const policy of [pagePolicy, workerPolicy, coloursPolicy]) {
    const directives = new Map(policy.split("; ").map((directive) => [directive.split(" ")[0], directive]));
    expect(directives.get("default-src")).toBe("default-src 'none'");
    expect(directives.get("script-src")).toMatch(/^script-src 'self'( 'wasm-unsafe-eval')?$/);
    expect(policy).not.toMatch(/'unsafe-eval'|https?:|\*|ws:/);
  }
  expect(pagePolicy).toContain("frame-ancestors 'none'");
});

it("R18: an output's frame runs its own script and no other", async () => {
  const html = await readFile(join(folder, "src/notebook/frames/output.html"), "utf8");
  const script = html.slice(html.indexOf("<script>") + 8, html.indexOf("</script>"));
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = stillFramePolicy(html);
  expect(policy).toContain(`script-src 'sha256-${hash}';`);
  for (const each of [policy, scriptedFramePolicy]) {
    expect(each).toMatch(/^sandbox allow-scripts; default-src 'none'; /);
    expect(each).not.toMatch(/allow-same-origin|connect-src|'self' |https?:/);
  }
});
