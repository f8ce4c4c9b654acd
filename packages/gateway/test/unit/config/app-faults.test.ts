import { expect, it } from "vitest";
import { appFault } from "../../../src/config/settings/app-faults.ts";
import { AppSchema } from "../../../src/config/settings/apps.ts";

const keys = Object.keys(AppSchema.properties);

/** The options of jupyter-server-proxy's ServerProcess, and of its launcher entry's owner. */
const jupyterServerProxyKeys = [
  ...["command", "environment", "timeout", "absolute_url", "port", "unix_socket", "mappath", "launcher_entry"],
  ...["new_browser_tab", "request_headers_override", "rewrite_response", "update_last_activity"],
  ...["raw_socket_proxy", "progressive"],
];

it.each([
  ["My App", "my-app"],
  ["Lab", "lab"],
  ["-x", "x"],
  ["_x", "x"],
  ["Café/Ö", "cafe-o"],
  ["..", "app"],
  ["", "app"],
  ["a b\nc", "a-b-c"],
  ["x".repeat(64), "x".repeat(63)],
  ["__proto__", "proto__"],
])("the app name %j is refused, and %s is offered", (name, offered) => {
  const fault = appFault(JSON.parse(`{${JSON.stringify(name)}: {}}`), keys);
  expect(fault).toContain("is not a name for an app");
  expect(fault).toContain(`“${offered}” would be one`);
  expect(appFault({ [offered]: {} }, keys)).toBeUndefined();
});

it.each(jupyterServerProxyKeys)("%s of jupyter-server-proxy is an option here, or has an explanation", (key) => {
  const fault = appFault({ lab: { [key]: {} } }, keys);
  if (keys.includes(key)) expect(fault).toBeUndefined();
  else
    expect(fault).toMatch(
      new RegExp(`^lab\\.${key} is an option of jupyter-server-proxy that does not exist here: [a-z].{10}`),
    );
});

it.each([
  [{ comand: ["x"] }, "lab has the unknown key “comand”; did you mean “command”?"],
  [{ whatever_else: 1 }, "lab has the unknown key “whatever_else”"],
  [{ port: 0 }, "lab.port must be from 1 to 65535; leave it out to get a free one"],
  [{ command: [] }, "lab.command is empty: if the app runs already, leave it out"],
  [{ command: "jupyter lab" }, "lab.command must be a list: the program and each argument separately"],
  [{ command: ["jupyter"], port: 8888 }, undefined],
])("%j: %s", (app, fault) => {
  expect(appFault({ lab: app }, keys)).toBe(fault);
});
