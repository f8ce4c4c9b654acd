import { describe, expect, test } from "vitest";
import { childEnvironment, ideEnvironment } from "../../../../src/ide/server/environment.ts";

const secret = "0123456789abcdef0123456789abcdef";

describe("R4 the environment of what we start", () => {
  test.each([
    "JUPYTERHUB_API_TOKEN",
    "JPY_API_TOKEN",
    "JUPYTERHUB_CLIENT_ID",
    "JUPYTERHUB_OAUTH_CALLBACK_URL",
    "JUPYTERHUB_OAUTH_ACCESS_SCOPES",
    "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED",
    "JUPYTERHUB_SSL_KEYFILE",
    "WAIIDE_TOKEN",
  ])("loses %s", (name) => {
    expect(childEnvironment({ [name]: "anything", PATH: "/bin" })).not.toHaveProperty(name);
    expect(childEnvironment({ [name]: "anything", PATH: "/bin" })).toHaveProperty("PATH", "/bin");
  });

  test.each([
    "JUPYTERHUB_USER",
    "JUPYTERHUB_SERVER_NAME",
    "JUPYTERHUB_SERVICE_PREFIX",
    "JUPYTERHUB_BASE_URL",
    "JUPYTERHUB_HOST",
    "JUPYTERHUB_API_URL",
    "JUPYTERHUB_PUBLIC_URL",
    "MEM_LIMIT",
    "CPU_GUARANTEE",
    "WAIIDE_WORKSPACE",
    "NODE_OPTIONS",
  ])("keeps %s", (name) => {
    expect(childEnvironment({ [name]: "value" })).toHaveProperty(name, "value");
  });

  test("loses a token under any other name, but no short or unrelated value", () => {
    const environment = childEnvironment({
      JUPYTERHUB_API_TOKEN: secret,
      MY_COPY: secret,
      WAIIDE_TOKEN: "x",
      OTHER: "x",
    });
    expect(Object.values(environment)).not.toContain(secret);
    expect(environment).toMatchObject({ OTHER: "x" });
  });

  test("--pass-hub-token leaves the token in, under both names, and nothing else", () => {
    const environment = childEnvironment(
      { JUPYTERHUB_API_TOKEN: secret, JPY_API_TOKEN: secret, JUPYTERHUB_CLIENT_ID: "x", WAIIDE_TOKEN: `${secret}0` },
      true,
    );
    expect(environment).toMatchObject({ JUPYTERHUB_API_TOKEN: secret, JPY_API_TOKEN: secret });
    expect(environment).not.toHaveProperty("JUPYTERHUB_CLIENT_ID");
    expect(environment).not.toHaveProperty("WAIIDE_TOKEN");
    expect(
      ideEnvironment({ JPY_API_TOKEN: secret }, { extensionGallery: undefined, aiFeatures: false, passHubToken: true }),
    ).toHaveProperty("JPY_API_TOKEN");
  });

  test("loses variables that steer VS Code, and leads to its gateway", () => {
    const environment = childEnvironment({
      WAIIDE_CONTROL_SOCKET: "/run/other/control.sock",
      WAIIDE_COMMAND_FOLDER: "/home/other/bin",
      VSCODE_IPC_HOOK_CLI: "/s",
      VSCODE_SERVER_PORT: "1",
      ELECTRON_RUN_AS_NODE: "1",
    });
    expect(Object.keys(environment).filter((name) => /^(VSCODE|ELECTRON|WAIIDE)/.test(name))).toEqual([]);
  });
});

describe("R11 git's protection against planted repositories", () => {
  test("is added to none", () => {
    expect(childEnvironment({})).toEqual({
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.bareRepository",
      GIT_CONFIG_VALUE_0: "explicit",
    });
  });

  test("is appended to the current value", () => {
    const given = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "user.name", GIT_CONFIG_VALUE_0: "Ada" };
    expect(childEnvironment(given)).toEqual({
      ...given,
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_1: "safe.bareRepository",
      GIT_CONFIG_VALUE_1: "explicit",
    });
  });

  test.each(["", "many", "-1"])("a count of “%s” counts as none", (count) => {
    expect(childEnvironment({ GIT_CONFIG_COUNT: count }).GIT_CONFIG_COUNT).toBe("1");
  });
});

describe("the IDE's own variables", () => {
  test("the extension of AI features is present only if they are on", () => {
    const skipped = (aiFeatures: boolean) =>
      ideEnvironment({}, { extensionGallery: undefined, aiFeatures }).VSCODE_SKIP_BUILTIN_EXTENSIONS;
    expect(skipped(false)).toBe("GitHub.copilot-chat");
    expect(skipped(true)).toBeUndefined();
  });

  test("a relative port proxy and the gallery, additions last", () => {
    const environment = ideEnvironment(
      { VSCODE_PROXY_URI: "https://elsewhere/{{port}}" },
      {
        extensionGallery: "https://gallery.example/vscode/",
        aiFeatures: true,
        additions: { WAIIDE_CONTROL_SOCKET: "/s" },
      },
    );
    expect(environment.VSCODE_PROXY_URI).toBe("../proxy/{{port}}/");
    expect(environment.NODE_EXEC_PATH).toBe(process.execPath);
    expect(environment.WAIIDE_CONTROL_SOCKET).toBe("/s");
    expect(JSON.parse(environment.EXTENSIONS_GALLERY ?? "")).toMatchObject({
      serviceUrl: "https://gallery.example/vscode/gallery",
    });
  });

  test("no gallery is an empty object, which code-server takes for none", () => {
    expect(ideEnvironment({}, { extensionGallery: undefined, aiFeatures: true }).EXTENSIONS_GALLERY).toBe("{}");
  });
});
