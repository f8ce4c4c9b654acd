import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Audit, ShareList } from "@waiide/protocol";
import { expect, onTestFinished } from "vitest";
import { ownerToken, SharingGateway } from "../../packages/gateway/test/support/sharing-gateway.ts";
import { it } from "../support/fixtures.ts";
import { launchFirefox } from "../support/page/firefox.ts";
import { patience } from "../support/patience.ts";
import { inChromium, inFirefox, type Visit } from "./hostile-app/visits.ts";

const program = fileURLToPath(new URL("hostile-app/program.mjs", import.meta.url));

async function startHostileApp(): Promise<number> {
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return Number(String(line));
}

/** A program of the owner's that nobody shared. It is also the other site, to which every page may send requests. */
async function startNeighbor() {
  const heard: string[] = [];
  const server = createServer(({ method, url, headers }, response) => {
    heard.push(`${method} ${url} ${headers.cookie ?? ""} ${headers.referer ?? ""}`.trim());
    response.end("<h1>Not shared</h1>");
  });
  server.on("upgrade", (request, socket) => {
    heard.push(`upgrade ${request.url}`);
    socket.destroy();
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { heard, port: (server.address() as AddressInfo).port };
}

/** What the owner has: shares and their guests, what happened, files. */
async function stateOf(server: SharingGateway) {
  const { shares } = (await server.api("/api/share/list")).body as ShareList;
  const { entries } = (await server.api("/api/share/audit")).body as Audit;
  return {
    shares: shares.map(({ id, guests }) => ({ id, guests: guests.map(({ name }) => name) })),
    // Refusals are counted, and noted later.
    events: new Set(entries.map(({ event }) => event).filter((event) => event !== "refuse")),
    files: readdirSync(server.workspace).map((name) => readFileSync(`${server.workspace}/${name}`, "utf8")),
  };
}

/** What the browsers must answer. Where a request goes out blindly, what the owner has afterwards says that it had no effect. */
const expected: Record<string, string | RegExp> = {
  "ask its own server": "200",
  "open a WebSocket of its own": "open",
  "its origin": "null",
  "where it comes from": "",
  "read cookies": "SecurityError",
  "set a cookie": "SecurityError",
  "read the storage of the origin": "SecurityError",
  "read the storage of the tab": "SecurityError",
  "open a database": "SecurityError",
  "open a cache": "SecurityError",
  "hold a lock": "SecurityError",
  "register a service worker": "SecurityError",
  "register one for the whole server": "SecurityError",
  "start a shared worker": "SecurityError",
  "ask for storage access": "NotAllowedError",
  "read the page around it": "SecurityError",
  "read the address of the page around it": "SecurityError",
  "call a function of the page around it": "SecurityError",
  "replace the page around it": "SecurityError",
  "replace it by a form": "sent",
  "replace it by a link": "asked",
  "write to the page around it": "sent",
  "show another address of its own": "shown in the frame",
  "read the owner's shares": "TypeError",
  "ask for the owner's shares": "TypeError",
  "make a share": "TypeError",
  "make a share with JSON": "TypeError",
  "make a share by a beacon": "true",
  "revoke this share": "TypeError",
  "let the guest leave": "TypeError",
  "let the guest leave by a beacon": "true",
  "read with XMLHttpRequest": "TypeError",
  "read the share's page": "TypeError",
  "ask the app without a token": "403",
  "open the guest's session": "refused",
  "open the owner's IDE": "refused",
  "follow the owner's events": "refused",
  "ask another program of the owner": "TypeError",
  "send to another program": "TypeError",
  "connect to another program": "refused",
  "show a picture of another program": "refused",
  "run a script of another program": "refused",
  "run the owner's shares as a script": "refused",
  "frame another program": "closed",
  "frame it with an origin": "closed",
  "frame the share's page": "closed",
  "frame the owner's apps": "closed",
  "send a form into a frame": "sent",
  "fetch ahead": "asked",
  "tell another site the address": "opaque",
  "use the microphone": /Error$/,
  "use the location": "TypeError",
  "show notifications": "denied",
  "read the clipboard": /Error$/,
  "lock the pointer": "refused",
  "cover the page around it": "within the frame",
};

const clicks = ["full-screen", "open-neighbor", "open-itself", "link-neighbor", "post-share"];

/** The topmost element in the middle of the bar belongs to the bar. */
const barIsOnTop = `(() => {
  const bar = document.querySelector("header");
  const { x, y, width, height } = bar.getBoundingClientRect();
  return height > 0 && bar.contains(document.elementFromPoint(x + width / 2, y + height / 2));
})()`;

/** The worst case: the owner's browser, logged in, with everything on one origin. */
async function attack(visit: Visit): Promise<void> {
  const server = await SharingGateway.start({ files: { "a.txt": "one\n" } });
  const neighbor = await startNeighbor();
  const { url } = await server.create({
    permission: "Use the App",
    app: { port: await startHostileApp(), path: `/attack?neighbor=${neighbor.port}` },
  });
  const { pathname, hash } = new URL(url);
  await visit.goto(`${server.url}?token=${ownerToken}`);
  await visit.enter(new URL(pathname + hash, server.url).href);
  const outcomes = await visit.outcomes();
  for (const [name, outcome] of Object.entries(expected)) {
    if (typeof outcome === "string") expect.soft(outcomes[name], name).toBe(outcome);
    else expect.soft(outcomes[name], name).toMatch(outcome);
  }
  const cookies = await visit.cookies();
  expect(cookies.map((one) => one.replace(/=.*/, ""))).toHaveLength(2);
  const before = await stateOf(server);
  expect(before).toMatchObject({ shares: [{ guests: ["Ana"] }], files: ["one\n"] });
  expect(before.events).toEqual(new Set(["create", "enter", "open-app"]));

  for (const id of clicks) await visit.click(id);
  await expect
    .poll(() => visit.notes(), patience)
    .toMatchObject({
      "full-screen": "TypeError",
      "open-neighbor": "opened",
      "open-itself": "opened",
      "link-neighbor": "opened",
      "post-share": "sent",
    });
  const windows = async () => (await visit.windows()).map((text) => text.split("\n", 2).join(" ")).toSorted();
  const question = expect.stringContaining(`Open port ${neighbor.port}?`);
  const refused = expect.stringMatching(/login|another site/i);
  await expect
    .poll(windows, patience)
    .toEqual(expect.arrayContaining([question, refused, expect.stringContaining("never type your passwords in it")]));
  await visit.click("read-window");
  // A window of another group is empty for who opened it, or closed.
  await expect
    .poll(() => visit.notes(), patience)
    .toHaveProperty("read-window", expect.stringMatching(/^(?:\w+Error)?$/));
  expect(await visit.evaluate(barIsOnTop)).toBe(true);
  expect(await visit.evaluate("location.pathname")).toBe(pathname);

  // Last, as nothing of its page remains: the frame goes to another program of the owner.
  await visit.evaluate(
    "document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => (window.stopped = effectiveDirective))",
  );
  await visit.click("leave-frame");
  await expect.poll(() => visit.evaluate("window.stopped"), patience).toBe("frame-src");

  expect(neighbor.heard).toEqual(["GET /elsewhere"]);
  const after = await stateOf(server);
  expect(after).toEqual(before);
  expect(await visit.cookies()).toEqual(cookies);
}

it("R31: a hostile app gets nothing of the owner's or a guest's in Chromium", async ({ page }) => {
  await attack(inChromium(page));
});

it("R31: a hostile app gets nothing of the owner's or a guest's in Firefox", async () => {
  const firefox = await launchFirefox();
  onTestFinished(() => firefox.close());
  await attack(inFirefox(await firefox.newPage()));
});
