import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ask, startGateway, temporaryFolder, token } from "../../support/gateway-without-ide.ts";

const navigation = { headers: { accept: "text/html" } };
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>top.evil = 1</script></svg>';

async function start(folder = temporaryFolder()) {
  writeFileSync(join(folder, "lab.svg"), svg);
  const apps = {
    lab: { title: "JupyterLab", port: 9, icon_path: join(folder, "lab.svg"), open_path: "/lab" },
    plain: { port: 9, new_browser_tab: false, icon_path: join(folder, "missing.png") },
  };
  return startGateway({ auth: "none", apps: JSON.stringify(apps) }, { folder });
}

describe("the list of apps", () => {
  it("is a page with their titles, pictures and addresses", async () => {
    const gateway = await start();
    const { status, body } = await ask(gateway, "/apps/", navigation);
    expect(status).toBe(200);
    expect(body).toContain('href="/apps/lab/lab" target="_blank"');
    expect(body).toContain(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
    expect(body).toContain('href="/apps/plain/">');
    expect((await ask(gateway, "/apps", navigation)).headers.location).toBe("/apps/");
  });

  it("opens by a click, and asks for the apps' states as a page of ours", async () => {
    const gateway = await start();
    const page = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    const { status, body } = await ask(gateway, "/apps/", { headers: { ...page, accept: "text/html" } });
    expect(status).toBe(200);
    const proof = /data-proof="([^"]+)"/.exec(body)?.[1] ?? "";
    const script = { ...page, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
    expect((await ask(gateway, "/api/services", { headers: script })).status).toBe(403);
    expect((await ask(gateway, "/api/services", { headers: { ...script, "x-waiide-page": proof } })).status).toBe(200);
  });

  it("is only for the owner", async () => {
    const gateway = await startGateway({ auth: "token", token, apps: JSON.stringify({ lab: { port: 9 } }) });
    for (const path of ["/apps/", "/server-proxy/servers-info", "/server-proxy/icon/lab"]) {
      const { status, body } = await ask(gateway, path);
      expect(status).toBe(401);
      expect(body).not.toContain('lab"');
    }
  });

  it("answers as jupyter-server-proxy does", async () => {
    const gateway = await start();
    const { body } = await ask(gateway, "/server-proxy/servers-info");
    expect(JSON.parse(body)).toEqual({
      server_processes: [
        {
          name: "lab",
          launcher_entry: {
            enabled: true,
            title: "JupyterLab",
            path_info: "apps/lab/lab",
            icon_url: "/server-proxy/icon/lab",
            category: "Notebook",
          },
          new_browser_tab: true,
        },
        {
          name: "plain",
          launcher_entry: {
            enabled: true,
            title: "plain",
            path_info: "apps/plain/",
            icon_url: "/server-proxy/icon/plain",
            category: "Notebook",
          },
          new_browser_tab: false,
        },
      ],
    });
  });

  it("serves a picture so that its scripts cannot run on our origin", async () => {
    const gateway = await start();
    const { status, headers, body } = await ask(gateway, "/server-proxy/icon/lab");
    expect(status).toBe(200);
    expect(body).toBe(svg);
    expect(headers["content-type"]).toContain("image/svg+xml");
    expect(headers["content-security-policy"]).toContain("sandbox; default-src 'none'");
    for (const name of ["plain", "unknown", "..%2flab", "__proto__"]) {
      expect((await ask(gateway, `/server-proxy/icon/${name}`)).status).toBe(404);
    }
  });
});

describe("addresses of a former server", () => {
  it("lead people to the app that is meant", async () => {
    const gateway = await start();
    const { status, headers } = await ask(gateway, "/lab/tree/a%20b.ipynb?x=1", navigation);
    expect([status, headers.location]).toEqual([307, "/apps/lab/lab/tree/a%20b.ipynb?x=1"]);
    expect((await ask(gateway, "/plain", navigation)).headers.location).toBe("/apps/plain");
    expect((await ask(gateway, "/rstudio/", navigation)).status).not.toBe(307);
  });
});

describe("/healthz", () => {
  it("answers as code-server does where JSON is accepted", async () => {
    const gateway = await start();
    const before = Date.now();
    const { headers, body } = await ask(gateway, "/healthz", { headers: { accept: "application/json" } });
    const { status, lastHeartbeat } = JSON.parse(body) as { status: string; lastHeartbeat: number };
    expect(status).toBe("alive");
    expect(lastHeartbeat).toBeGreaterThan(before - 60_000);
    expect(headers.vary).toContain("Accept");
    expect((await ask(gateway, "/healthz")).body).toBe("ok\n");
  });
});
