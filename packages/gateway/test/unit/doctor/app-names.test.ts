import { expect, it } from "vitest";
import type { Config } from "../../../src/config/config.ts";
import { checkAppNames } from "../../../src/doctor/app-names.ts";
import { parseAppDomain } from "../../../src/http/names/app-domain.ts";

const baseUrl = "/jupyter/user/ada/";

function check(domain: string | undefined, ask: (address: string) => Promise<string | undefined>, isRunning = true) {
  const appDomain = domain === undefined ? undefined : parseAppDomain(domain);
  const sharing = { appDomain, publicOrigin: "https://hub.example.org" } as Config["sharing"];
  return checkAppNames({ sharing, baseUrl }, isRunning, ask);
}

it("R35: doctor asks whether a name leads here, whatever the path", async () => {
  const asked: string[] = [];
  const ask = async (address: string) => {
    asked.push(address.replace(/0{24}/, "{}"));
    return baseUrl;
  };
  expect(await check("{{share}}--ada.apps.example.net", ask)).toMatchObject({ result: "ok" });
  const origin = "https://{}--ada.apps.example.net";
  const paths = ["/", "/jupyter/hub/api", "/jupyter/user/waiide-doctor/api", "/~waiide/enter"];
  expect(asked).toEqual(paths.map((path) => `${origin}${path}`));
});

it.each([
  ["the hub", undefined],
  ["another user's server", "/jupyter/user/bob/"],
])("R35: doctor says that %s answers under such a name", async (_who, by) => {
  const ask = async (address: string) => (address.endsWith("/api") ? by : baseUrl);
  const finding = await check("{{share}}--ada.apps.example.net", ask);
  expect(finding.result).toBe("problem");
  expect(finding.message).toMatch(/for \/jupyter\/hub\/api, \/jupyter\/user\/waiide-doctor\/api$/);
});

it("doctor says why it finds no such name, and that there need not be one", async () => {
  const none = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND x") }));
  expect(await check("apps.example.net", none)).toMatchObject({
    result: "warning",
    message: expect.stringContaining("ENOTFOUND"),
  });
  expect(await check("apps.example.net", none, false)).toMatchObject({ result: "ok" });
  expect(await check(undefined, none)).toMatchObject({ result: "ok" });
});
