import { describe, expect, test } from "vitest";
import { distributions } from "../../../../src/ide/install/distributions.ts";
import type { IdeServer } from "../../../../src/ide/install/ide-server.ts";
import { endInWords, serverArguments } from "../../../../src/ide/server/launch.ts";

const config = {
  workspace: "/work",
  dataFolder: "/data",
  telemetry: false,
  workspaceTrust: false,
  disableFileDownloads: false,
  disableFileUploads: false,
};

describe.each(distributions)("the arguments of $name", (distribution) => {
  const server = { distribution } as IdeServer;

  test("as WAIIDE is started: a port, no token, the workspace last", () => {
    const given = serverArguments(server, { host: "127.0.0.1", port: 8071 }, config);
    expect(given.slice(0, 5)).toEqual(["--host", "127.0.0.1", "--port", "8071", "--without-connection-token"]);
    expect(given.at(-1)).toBe("/work");
    expect(given).toEqual(expect.arrayContaining(["--accept-server-license-terms", "--disable-workspace-trust"]));
    expect(given.join(" ")).toContain("--server-data-dir /data");
    expect(given.join(" ")).toContain("--telemetry-level off");
    expect(given.join(" ")).not.toContain("{workspace}");
  });

  test("other options precede the workspace", () => {
    const given = serverArguments(server, { socketPath: "/s" }, config, ["--reconnection-grace-time", "60"]);
    expect(given.join(" ")).toContain(" --reconnection-grace-time 60 ");
    expect(given.at(-1)).toBe("/work");
  });

  test("a socket in place of the port; trust and telemetry where asked for", () => {
    const asked = { ...config, telemetry: true, workspaceTrust: true };
    const given = serverArguments(server, { socketPath: "/s" }, asked);
    expect(given.slice(0, 2)).toEqual(["--socket-path", "/s"]);
    expect(given).not.toContain("--host");
    expect(given).not.toContain("--disable-workspace-trust");
    expect(given).not.toContain("--telemetry-level");
  });

  test("downloads and uploads are disabled where the settings say so", () => {
    const address = { socketPath: "/s" };
    expect(serverArguments(server, address, config).join(" ")).not.toContain("--disable-file");
    const asked = { ...config, disableFileDownloads: true, disableFileUploads: true };
    expect(serverArguments(server, address, asked)).toEqual(
      expect.arrayContaining(["--disable-file-downloads", "--disable-file-uploads"]),
    );
  });
});

test("its end is described in words", () => {
  expect(endInWords({ code: 3, signal: null })).toBe("ended with exit code 3");
  expect(endInWords({ code: null, signal: "SIGKILL" })).toBe("was ended by SIGKILL");
  expect(endInWords({ code: null, signal: null, error: new Error("no memory") })).toBe(
    "could not be started: no memory",
  );
});
