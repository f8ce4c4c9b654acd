import { expect, it } from "vitest";
import { configuredApps, parsePort, portOfRow } from "../../../src/create/app-target.ts";

it.each([
  ["8501", 8501],
  [" 65535 ", 65_535],
  ["0", undefined],
  ["65536", undefined],
  ["80a", undefined],
  ["-1", undefined],
  ["", undefined],
])("“%s” is the port %s", (text, port) => expect(parsePort(text)).toBe(port));

it("R17: of a row of the Ports view, only a real port counts", () => {
  const name = "[x](command:workbench.action.terminal.new)";
  expect(portOfRow({ remotePort: 8501, remoteHost: "localhost", name, runningProcess: name })).toBe(8501);
  for (const row of [
    undefined,
    null,
    "8501",
    {},
    { remotePort: "8501" },
    { remotePort: 1.5 },
    { remotePort: 70_000 },
  ]) {
    expect(portOfRow(row)).toBeUndefined();
  }
});

it("the IDE is no app that can be shared", () => {
  const ide = { name: "ide", title: "WAIIDE", url: "/user/alice/ide/", state: "ready" } as const;
  const lab = { name: "lab", title: "JupyterLab", url: "/user/alice/apps/lab/", state: "stopped" } as const;
  expect(configuredApps({ services: [ide, lab] })).toEqual([{ name: "lab", title: "JupyterLab" }]);
});
