import { describe, expect, it } from "vitest";
import { readServiceSettings } from "../../../src/hub-service/settings.ts";

/** What JupyterHub 6.1 says to a service that it starts. */
const given = {
  JUPYTERHUB_SERVICE_NAME: "waiide",
  JUPYTERHUB_API_TOKEN: "0123456789abcdef0123456789abcdef",
  JUPYTERHUB_API_URL: "http://127.0.0.1:8081/hub/api",
  JUPYTERHUB_CLIENT_ID: "service-waiide",
  JUPYTERHUB_BASE_URL: "/",
  JUPYTERHUB_HOST: "",
  JUPYTERHUB_SERVICE_PREFIX: "/services/waiide/",
  JUPYTERHUB_SERVICE_URL: "http://127.0.0.1:10789",
  JUPYTERHUB_OAUTH_CALLBACK_URL: "/services/waiide/oauth_callback",
  JUPYTERHUB_OAUTH_ACCESS_SCOPES: '["access:services", "access:services!service=waiide"]',
  JUPYTERHUB_USER: "",
  JUPYTERHUB_SERVER_NAME: "",
  JUPYTERHUB_PUBLIC_HUB_URL: "",
};
const flags = { keyFile: "/k", proxyUrl: "http://127.0.0.1:8000", serverTimeout: "3" };

describe("settings of the administrator's page", () => {
  it("come from what the hub says to a service", () => {
    expect(readServiceSettings(flags, given)).toMatchObject({
      name: "waiide",
      proxyUrl: "http://127.0.0.1:8000",
      keyFile: "/k",
      timeout: 3_000,
      hub: { servicePrefix: "/services/waiide/", listener: { host: "127.0.0.1", port: 10789 } },
    });
  });

  it("the proxy is at the hub's public address by default", () => {
    const without = { keyFile: "/k", serverTimeout: "3" };
    const publicHub = { ...given, JUPYTERHUB_PUBLIC_HUB_URL: "https://hub.example/jupyter/hub/" };
    expect(readServiceSettings(without, publicHub).proxyUrl).toBe("https://hub.example");
    const subdomains = { ...given, JUPYTERHUB_HOST: "https://hub.example" };
    expect(readServiceSettings(without, subdomains).proxyUrl).toBe("https://hub.example");
    expect(readServiceSettings(flags, publicHub).proxyUrl).toBe("http://127.0.0.1:8000");
  });

  it.each([
    [{ JUPYTERHUB_SERVICE_NAME: "" }, {}, /JUPYTERHUB_SERVICE_NAME is not set/],
    [{ JUPYTERHUB_SERVICE_URL: "" }, {}, /needs a “url”/],
    [{ JUPYTERHUB_API_URL: "" }, {}, /JUPYTERHUB_API_URL/],
    [{}, { keyFile: undefined }, /--key-file is not given/],
    [{}, { proxyUrl: undefined }, /--proxy-url is not given/],
    [{}, { proxyUrl: "hub.example:8000" }, /not the http or https address/],
    [{}, { serverTimeout: "0" }, /--server-timeout/],
    [{}, { serverTimeout: "soon" }, /--server-timeout/],
  ])("%o %o is named", (environment, changes, message) => {
    const said = Object.fromEntries(
      Object.entries({ ...flags, ...changes }).filter(([, value]) => value !== undefined),
    );
    const read = () => readServiceSettings(said as unknown as typeof flags, { ...given, ...environment });
    expect(read).toThrow(
      expect.objectContaining({ code: "HUB_SERVICE_UNUSABLE", message: expect.stringMatching(message) }),
    );
  });
});
