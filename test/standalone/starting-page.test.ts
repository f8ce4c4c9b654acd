import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, vi } from "vitest";
import { startingPage } from "../../packages/gateway/src/pages/starting.ts";
import { it } from "../support/fixtures.ts";
import { screenshot } from "../support/page/browser.ts";
import { patience } from "../support/patience.ts";

const half = "// a comment\n".repeat(5_000);
const scriptPath = "/ide/stable-c0ffee/static/out/workbench.js";
const stylePath = "/ide/stable-c0ffee/static/out/workbench.css";

/** Stands in for a gateway: its IDE is ready when told, and the second half of the script comes when told. */
class Stage {
  state: "starting" | "ready" = "starting";
  readonly requested: string[] = [];
  readonly #script = Promise.withResolvers<void>();
  readonly #server = createServer((request, response) => {
    const path = request.url ?? "";
    this.requested.push(path);
    void this.#answer(path, response);
  });

  async listen(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ide/`;
  }

  sendRest(): void {
    this.#script.resolve();
  }

  times(path: string): number {
    return this.requested.filter((one) => one === path).length;
  }

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const { state } = this;
    const cached = { "Cache-Control": "public, max-age=31536000, immutable" };
    if (path === "/api/status") {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ ide: { state, phase: `now ${state}`, log: [] } }));
    } else if (path === scriptPath) {
      response.writeHead(200, { "Content-Type": "text/javascript", ...cached }).write(half);
      await this.#script.promise;
      response.end(`${half}document.title = "the IDE";`);
    } else if (path === stylePath) {
      response.writeHead(200, { "Content-Type": "text/css", ...cached }).end("a { color: red }");
    } else if (path === "/ide/" && state === "ready") {
      const head = `<link rel="stylesheet" href="${stylePath}"><script type="module" src="${scriptPath}"></script>`;
      response.writeHead(200, { "Content-Type": "text/html" }).end(head);
    } else if (path === "/ide/") {
      const files = { [scriptPath]: 2 * half.length + 27, [stylePath]: 16, "/ide/gone.js": 1 };
      const ahead = Object.entries(files).map(([address, size]) => ({ address: address.slice("/ide/".length), size }));
      const { html, headers } = startingPage({
        ...{ baseUrl: "/", proof: "p", state, phase: "starting", log: ["one line"], error: undefined },
        ahead,
      });
      response.writeHead(503, headers).end(html);
    } else {
      response.writeHead(404).end("not found");
    }
  }
}

it("while the IDE starts, the browser fetches its files, and once only", async ({ page }) => {
  using stage = new Stage();
  await page.goto(await stage.listen());

  const bar = page.getByRole("progressbar", { name: "Files of the IDE" });
  await vi.waitFor(async () => expect(await bar.getAttribute("value")).toMatch(/^0\.[45]/), patience);
  expect(await page.locator("#share").innerText()).toMatch(/^(49|50) %$/);
  await screenshot(page, "ide-starting");

  // A page that went on now would fetch the script from its beginning again.
  stage.state = "ready";
  await page.getByText("now ready").waitFor();
  stage.sendRest();
  await page.waitForFunction(() => document.title === "the IDE");

  expect([stage.times(scriptPath), stage.times(stylePath), stage.times("/ide/gone.js")]).toEqual([1, 1, 1]);
});
