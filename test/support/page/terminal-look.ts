import type { Page } from "playwright-core";
import { expect, vi } from "vitest";
import type { ContainerServer, DockerHub } from "../hub/docker-hub.ts";
import { patience } from "../patience.ts";
import { openTerminal } from "./browser.ts";

/**
 * What somebody sees who opens the IDE's terminal and looks for secrets: line by line, what is refused with the reason.
 * @param page the IDE, whose first terminal is opened
 */
export async function lookAround(page: Page, docker: DockerHub, server: ContainerServer): Promise<string[]> {
  await openTerminal(page);
  // The gateway is the only child of tini, process 1.
  const gateway = await docker.exec(server, "pgrep -P 1");
  const secrets = ["1", gateway].flatMap((pid) => ["environ", "mem", "maps"].map((file) => `/proc/${pid}/${file}`));
  const commands = [
    "id -u; id -g; echo $HOME; pwd",
    ...secrets.map((file) => `head -c1 ${file}`),
    "env | grep -c TOKEN; touch /x; grep -E 'CapEff|NoNewPrivs' /proc/self/status; waiide health; echo end",
  ];
  // Few keys, as a person's: long lines are wrapped, and redrawn while they are typed.
  await docker.exec(server, `cat > /tmp/look.sh <<'E'\n${commands.join("\n")}\nE`);
  await page.keyboard.type("sh /tmp/look.sh > seen.txt 2>&1\n");
  return vi.waitFor(async () => {
    const text = await docker.exec(server, `cat "$(ls /home/*/workspace/seen.txt)"`);
    expect(text).toMatch(/\nend$/);
    return text.split("\n");
  }, patience);
}

/** RULES R4: what he must have seen. */
export function expectNoSecrets(seen: readonly string[]): void {
  const refused = /^head: cannot open '\/proc\/\d+\/(environ|mem|maps)' for reading: Permission denied$/;
  expect(
    seen.filter((line) => refused.test(line)),
    seen.join("\n"),
  ).toHaveLength(6);
  expect(seen).toContain("0");
  expect(seen).toContain("touch: cannot touch '/x': Read-only file system");
  expect(seen).toContain("CapEff:\t0000000000000000");
  expect(seen).toContain("NoNewPrivs:\t1");
  expect(seen.at(-2)).toMatch(/^ok \(WAIIDE/);
}
