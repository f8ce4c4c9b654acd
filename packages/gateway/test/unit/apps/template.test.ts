import pino from "pino";
import { describe, expect, it } from "vitest";
import { Apps } from "../../../src/apps/apps.ts";
import { fillTemplate, usesField } from "../../../src/apps/template.ts";
import type { AppSettings } from "../../../src/config/settings/apps.ts";
import { ChildProcesses } from "../../../src/system/child-process.ts";

const fields = { port: 3000, unix_socket: "/run/a.sock", base_url: "/user/alice/apps/lab/" };

describe("Templates of apps", () => {
  it.each([
    ["--port={port}", "--port=3000"],
    ["{base_url}{port}", "/user/alice/apps/lab/3000"],
    ["unix:{unix_socket}", "unix:/run/a.sock"],
    ["{{port}}", "{port}"],
    ["{{{port}}}", "{3000}"],
    ['{{"a": {{}}}}', '{"a": {}}'],
    ["plain", "plain"],
    ["", ""],
  ])("%s becomes %s", (text, filled) => {
    expect(fillTemplate(text, fields)).toBe(filled);
  });

  it.each(["{prot}", "{", "}", "{}", "{port", "port}", "{port!r}", "{constructor}", "$" + "{HOME}", "{ port }"])(
    "%s is refused by name",
    (text) => {
      expect(() => fillTemplate(text, fields)).toThrow(/none of \{port\}, \{unix_socket\}, \{base_url\}/);
    },
  );

  it("knows which fields are used", () => {
    expect(usesField(["a", "x{port}"], "port")).toBe(true);
    expect(usesField(["a", "x{{port}}"], "port")).toBe(false);
    expect(usesField(["{unix_socket}"], "port")).toBe(false);
  });
});

describe("Settings of apps", () => {
  const open = (settings: AppSettings) =>
    new Apps({
      apps: { lab: settings },
      baseUrl: "/",
      runtimeFolder: "/tmp",
      workspace: "/tmp",
      environment: {},
      children: new ChildProcesses(),
      logger: pino({ level: "silent" }),
    });

  it.each<[string, AppSettings, RegExp]>([
    ["an unknown field in the command", { command: ["a", "{prot}"] }, /“lab”.*“\{prot\}”/],
    ["an unknown field in the environment", { command: ["a"], environment: { A: "{prot}" } }, /“\{prot\}”/],
    ["a variable's name", { command: ["a"], environment: { "A=B": "" } }, /“A=B” is not a name/],
    ["a header's name", { command: ["a"], request_headers: { "A B": "" } }, /A B/],
    ["a header's value", { command: ["a"], request_headers: { A: "x\r\nB: y" } }, /Invalid character/],
    ["no command and no address", { title: "Lab" }, /neither a command nor a port/],
    ["no command and no path", { unix_socket: true }, /neither a command nor a port/],
  ])("that cannot work are refused by name: %s", (_what, settings, message) => {
    expect(() => open(settings)).toThrow(message);
    expect(() => open(settings)).toThrow(expect.objectContaining({ code: "SETTING_INVALID" }));
  });
});
