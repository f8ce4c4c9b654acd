import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { freePort } from "../support/gateway.ts";
import { HttpClient } from "../support/http/client.ts";
import { it } from "../support/hub/fixtures.ts";
import { screenshot, workbenchVisible } from "../support/page/browser.ts";
import {
  hostileNotebook,
  openNotebook,
  outputsOf,
  refusedShare,
  type Verdict,
} from "../support/page/hostile-notebook.ts";
import { patience } from "../support/patience.ts";

const port = await freePort();
const origin = `http://{{uuid}}.views.hub.localhost:${port}`;

it.override("hubOptions", { port, environment: { WAIIDE_WEBVIEW_ORIGIN: origin } });

it("R18: behind a hub a notebook's scripts run on webview-origin, away from the IDE", async ({ hub, server, page }) => {
  // A domain of its own, as names below it are the same site then.
  const url = `http://hub.localhost:${port}${server.prefix}`;
  await writeFile(join(hub.home("alice"), "workspace", "results.ipynb"), hostileNotebook(url));
  await page.goto(`${url}ide/`);
  await hub.loginInBrowser(page, "alice");
  await workbenchVisible(page);
  await openNotebook(page, "results.ipynb");
  const frame = await outputsOf(page);
  for (const id of ["from-output", "from-markdown"]) {
    const place = frame.locator(`#${id}`);
    await place.waitFor({ state: "attached" });
    const verdict = JSON.parse((await place.textContent()) ?? "") as Verdict;
    expect(new URL(verdict.origin).hostname).toMatch(/^[0-9a-v]{52}\.views\.hub\.localhost$/);
    expect(verdict).toMatchObject({ top: "SecurityError", share: expect.stringMatching(refusedShare) });
  }
  expect(await frame.locator("#table").textContent()).toBe("a cell of a table");
  await expect
    .poll(() => frame.evaluate(() => [...document.images].filter((image) => image.naturalWidth > 0).length), patience)
    .toBe(1);
  await screenshot(page, "hub-webview-origin");
});

it("R18: under webview names a user's server answers nothing else to anyone", async ({ hub, server }) => {
  const { token } = await hub.createToken("alice");
  const host = origin.replace("http://", "").replace("{{uuid}}", "waiide-webview-probe");
  for (const authorization of [undefined, `token ${token}`]) {
    const headers = { host, ...(authorization && { authorization }) };
    for (const path of [
      "",
      "ide/",
      "api",
      "api/status",
      "api/share/list",
      "proxy/8071/",
      "oauth_callback",
      "hub/home",
    ]) {
      const { status, headers: answered } = await new HttpClient().fetch(`${server.url}${path}`, headers);
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(answered["set-cookie"]).toBeUndefined();
    }
    const { status } = await new HttpClient().upgrade(`${server.url}ide/`, { ...headers, origin: `http://${host}` });
    expect(status).toBe(404);
  }
});
