import type { Audit, CreatedShare, ShareList } from "@waiide/protocol";
import type { BrowserContext, Page } from "playwright-core";
import { type RunningGateway, runWaiide } from "./gateway.ts";

/** Runs `waiide share …` beside a gateway, as in a terminal of the same machine. @throws Error unless it succeeds */
export async function share(gateway: Pick<RunningGateway, "environment">, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runWaiide(["share", ...args], gateway.environment);
  if (code !== 0) throw new Error(`waiide share ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

export async function createShare(
  gateway: Pick<RunningGateway, "environment">,
  ...args: string[]
): Promise<CreatedShare> {
  return JSON.parse(await share(gateway, "create", "--yes", "--json", ...args)) as CreatedShare;
}

export async function listShares(gateway: Pick<RunningGateway, "environment">): Promise<ShareList["shares"]> {
  return (JSON.parse(await share(gateway, "list", "--json")) as ShareList).shares;
}

export async function auditOf(gateway: Pick<RunningGateway, "environment">, id: string): Promise<Audit["entries"]> {
  const lines = (await share(gateway, "audit", "--json", "--share", id)).trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Audit["entries"][number]);
}

/** Gives a name and goes in, on a landing page that is open. Resolves with the page that follows. */
export async function comeIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  const warning = page.getByLabel("I understand");
  if (await warning.isVisible()) await warning.check();
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Open" }).click()]);
}

/** Names of the cookies that a browser would send to an address. */
export async function cookieNames(context: BrowserContext, url: string): Promise<string[]> {
  return (await context.cookies(url)).map(({ name }) => name);
}
