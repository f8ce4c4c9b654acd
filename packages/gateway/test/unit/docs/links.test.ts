import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../../../..");

/** Tracked pages, and new ones that git does not ignore. */
const pages = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\0")
  .filter((name) => name !== "" && existsSync(join(root, name)));

const withoutCode = (text: string) =>
  text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, (code) => code.replace(/[[\](]/g, "_"));

/** The anchors that GitHub gives to headings (https://github.com/gjtorikian/html-pipeline, TableOfContentsFilter). */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const body = text.replace(/^```[\s\S]*?^```$/gm, "");
  for (const [, heading = ""] of body.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const anchor = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** Targets of links, pictures and references within the repository. */
function targetsIn(text: string): string[] {
  const body = withoutCode(text);
  const inline = [...body.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const tags = [...body.matchAll(/<(?:a|img)\b[^>]*\b(?:href|src)="([^"]+)"/g)];
  const references = [...body.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)];
  return [...inline, ...tags, ...references]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/** Why a link leads nowhere, or `undefined`. */
function faultOf(page: string, target: string, read = (name: string) => readFileSync(join(root, name), "utf8")) {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(root, join(root, dirname(page), decodeURIComponent(path)));
  if (!existsSync(join(root, file))) return `${page}: ${target}: there is no ${file}`;
  if (anchor === undefined || !file.endsWith(".md")) return undefined;
  return anchorsOf(read(file)).has(anchor) ? undefined : `${page}: ${target}: ${file} has no such heading`;
}

describe("links between the pages", () => {
  it.each(pages)("%s: every relative link leads to a file and a heading", (page) => {
    const text = readFileSync(join(root, page), "utf8");
    const faults = targetsIn(text).map((target) => faultOf(page, target));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  it("finds the pages", () => {
    expect(pages).toContain("README.md");
    expect(pages.length).toBeGreaterThan(20);
  });

  it("names a missing file and a missing heading", () => {
    const text = "[a](no.md) ![b](docs/none.png) [c](docs/x.md#first-part) [d](docs/x.md#second) `[e](f.md)`";
    expect(targetsIn(text)).toEqual(["no.md", "docs/none.png", "docs/x.md#first-part", "docs/x.md#second"]);
    const read = () => "# X\n\n## First `part`\n\n```sh\n## second\n```\n";
    expect(faultOf("README.md", "no.md")).toBe("README.md: no.md: there is no no.md");
    expect(faultOf("README.md", "SECURITY.md#first-part", read)).toBeUndefined();
    expect(faultOf("README.md", "SECURITY.md#second", read)).toBe(
      "README.md: SECURITY.md#second: SECURITY.md has no such heading",
    );
  });

  it("gives headings GitHub's anchors", () => {
    const text = "## `waiide` & you, “quoted”\n## What [links](x.md) do\n## Twice\n## Twice\n";
    expect([...anchorsOf(text)]).toEqual(["waiide--you-quoted", "what-links-do", "twice", "twice-1"]);
  });
});
