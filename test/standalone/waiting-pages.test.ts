import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestRepository } from "../../packages/gateway/test/support/git/test-repository.ts";
import { freePort, type RunningGateway, startGateway } from "../support/gateway.ts";
import { stumblingBlocks } from "../support/page/accessibility.ts";
import { launchBrowser, newPage, screenshot } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

/** Says what it does, and answers once a file is there that the test makes. */
const slowProgram = `
const { existsSync } = require("node:fs");
console.log("loading the model, part 1");
const look = () => {
  if (!existsSync("go")) return setTimeout(look, 50);
  console.log("loaded");
  require("http").createServer((asked, answer) => answer.setHeader("Content-Type", "text/html").end("<h1>the app</h1>")).listen({port});
};
setTimeout(() => console.log("loading the model, part 2"), 3000);
look();
`;
/** Braces are written twice, but for those of the port. */
const templated = slowProgram.replace(/[{}]/g, "$&$&").replace("{{port}}", "{port}");
const apps = {
  slow: { title: "Slow <b>", command: ["node", "-e", templated], timeout: 300 },
  broken: { command: ["sh", "-c", "echo no model here; sleep 3; exit 7"] },
};

let browser: Browser;
let gateway: RunningGateway;
beforeAll(async () => {
  browser = await launchBrowser();
  gateway = await startGateway({ environment: { WAIIDE_APPS: JSON.stringify(apps) } });
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

async function withPage(use: (page: Page) => Promise<void>, options = {}): Promise<void> {
  const { page, context } = await newPage(browser, options);
  try {
    await use(page);
  } finally {
    await context.close();
  }
}

async function listenAt(port: number): Promise<{ server: Server; methods: string[] }> {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/deep?x=1") methods.push(request.method ?? "");
    response.setHeader("Content-Type", "text/html").end("<h1>the program</h1>");
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return { server, methods };
}

function close(server: Server): void {
  server.closeAllConnections();
  server.close();
}

describe("a port that nothing answers on", () => {
  it("says what it waits for, and continues when a program listens", async () => {
    const port = await freePort();
    await withPage(async (page) => {
      const answer = await page.goto(`${gateway.url}proxy/${port}/deep?x=1#part`);
      expect(answer?.status()).toBe(502);
      await page.getByRole("heading", { name: `Waiting for port ${port}` }).waitFor();
      await page.getByRole("status").getByText(`Nothing answers on port ${port} yet`).waitFor();
      expect(await stumblingBlocks(page)).toEqual([]);
      await screenshot(page, "waiting-port");
      const { server, methods } = await listenAt(port);
      try {
        await page.getByRole("heading", { name: "the program" }).waitFor();
        expect(page.url()).toBe(`${gateway.url}proxy/${port}/deep?x=1#part`);
        // Asked whether it is there by HEAD, so that nothing is done twice.
        expect(methods).toEqual(["HEAD", "GET"]);
      } finally {
        close(server);
      }
    });
  });

  it("pauses while the page is hidden, and continues when it is visible", async () => {
    const port = await freePort();
    await withPage(async (page) => {
      let asked = 0;
      page.on("request", (request) => {
        if (request.method() === "HEAD") asked += 1;
      });
      await page.goto(`${gateway.url}proxy/${port}/`);
      await expect.poll(() => asked, patience).toBeGreaterThan(0);
      await page.evaluate(() => {
        Object.defineProperty(document, "hidden", { value: true, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      });
      const before = asked;
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3_500)));
      expect(asked).toBeLessThanOrEqual(before + 1);
      await page.evaluate(() => {
        Reflect.deleteProperty(document, "hidden");
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await expect.poll(() => asked, patience).toBeGreaterThan(before + 1);
    });
  });

  it("works without JavaScript", async () => {
    const port = await freePort();
    await withPage(
      async (page) => {
        await page.goto(`${gateway.url}proxy/${port}/`);
        const { server } = await listenAt(port);
        try {
          await page.getByRole("heading", { name: "the program" }).waitFor();
        } finally {
          close(server);
        }
      },
      { javaScriptEnabled: false },
    );
  });

  it("programs still get the error", async () => {
    const port = await freePort();
    const answer = await fetch(`${gateway.url}proxy/${port}/`);
    expect([answer.status, await answer.json()]).toMatchObject([502, { error: { code: "BACKEND_UNREACHABLE" } }]);
    expect(answer.headers.get("waiide-error")).toBe("BACKEND_UNREACHABLE");
  });
});

describe("an app whose first start takes long", () => {
  it("shows a starting page with its log, then continues; programs wait", async () => {
    const program = fetch(`${gateway.url}apps/slow/`).then((answer) => answer.text());
    await withPage(async (page) => {
      const answer = await page.goto(`${gateway.url}apps/slow/`);
      expect(answer?.status()).toBe(503);
      await page.getByRole("heading", { name: "Slow <b> is starting" }).waitFor();
      await page.getByText("loading the model, part 1").waitFor();
      expect(await stumblingBlocks(page)).toEqual([]);
      await screenshot(page, "waiting-app");
      await page.getByText("loading the model, part 2").waitFor();
      await writeFile(join(gateway.workspace, "go"), "");
      await page.getByRole("heading", { name: "the app" }).waitFor();
    });
    expect(await program).toContain("the app");
  });

  it("that fails meanwhile, the page says why", async () => {
    await withPage(async (page) => {
      await page.goto(`${gateway.url}apps/broken/`);
      await page.getByRole("heading", { name: "broken is starting" }).waitFor();
      await page.getByText(/ended with exit code 7.*no model here/).waitFor();
    });
  });
});

it("--waiting-page-status 200: pages wait with 200, programs get the error", async () => {
  const other = await startGateway({ arguments: ["--waiting-page-status", "200", "--ide-server", "/nonexistent"] });
  try {
    const port = await freePort();
    await withPage(async (page) => {
      for (const path of [`proxy/${port}/`, "ide/"]) {
        const answer = await page.goto(other.url + path);
        expect([path, answer?.status(), answer?.headers()["cache-control"]]).toEqual([path, 200, "no-store"]);
        const program = await fetch(other.url + path);
        expect(program.status).toBeGreaterThanOrEqual(502);
      }
      expect((await page.goto(`${other.url}apps/unknown/`))?.status()).toBe(404);
    });
  } finally {
    await other.stop();
  }
});

describe("a link that pulls a repository", () => {
  it("R33: asks, shows what git says or why it fails, and opens the file in the IDE", async () => {
    const origin = new TestRepository(join(gateway.home, "origin"));
    origin.commit("One", { "lab 1.py": "one = 1\n" });
    const query = new URLSearchParams({
      repo: `file://${origin.folder}`,
      branch: "main",
      targetPath: "course",
      urlpath: "lab/tree/course/lab%201.py",
    });
    await withPage(async (page) => {
      const missing = new URLSearchParams({ repo: `file://${gateway.home}/none` });
      await page.goto(`${gateway.url}git-pull?${missing}`);
      await page.getByRole("button", { name: "Get it" }).click();
      await page.getByRole("alert").filter({ hasText: "Git could not do it" }).waitFor();
      await page.goto(`${gateway.url}git-pull?${query}`);
      await page.getByText("course", { exact: true }).waitFor();
      expect(await stumblingBlocks(page)).toEqual([]);
      await screenshot(page, "git-pull");
      expect(existsSync(join(gateway.workspace, "course"))).toBe(false);
      await page.getByRole("button", { name: "Get it" }).click();
      await page.locator(".tab.active").filter({ hasText: "lab 1.py" }).waitFor();
      await screenshot(page, "git-pull-opened");
      expect(readFileSync(join(gateway.workspace, "course", "lab 1.py"), "utf8")).toBe("one = 1\n");
    });
  });
});
