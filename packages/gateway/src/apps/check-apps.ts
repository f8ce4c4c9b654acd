import { validateHeaderName, validateHeaderValue } from "node:http";
import { GatewayError, reasonOf } from "../base/errors.ts";
import type { AppSettings } from "../config/settings/apps.ts";
import { fillRecord, fillTemplate } from "./template.ts";

/**
 * What the schema cannot say: templates, header names, and that an app without a command has an address.
 * @throws GatewayError SETTING_INVALID naming the app
 */
export function checkApps(apps: Readonly<Record<string, AppSettings>>): void {
  for (const [name, settings] of Object.entries(apps)) {
    try {
      checkApp(settings);
    } catch (error) {
      throw new GatewayError("SETTING_INVALID", { name: "apps", source: `the app “${name}”`, reason: reasonOf(error) });
    }
  }
}

/** @throws Error in words */
export function checkApp(settings: AppSettings): void {
  const fields = { port: 1, unix_socket: "/", base_url: "/" };
  for (const text of settings.command ?? []) fillTemplate(text, fields);
  for (const [name, text] of Object.entries(fillRecord(settings.environment, fields))) {
    if (name === "" || name.includes("=") || `${name}${text}`.includes("\0")) {
      throw new Error(`“${name}” is not a name for a variable, or its value contains a NUL`);
    }
  }
  for (const [name, text] of Object.entries(fillRecord(settings.request_headers, fields))) {
    validateHeaderName(name);
    validateHeaderValue(name, text);
  }
  if (settings.command === undefined && settings.port === undefined && typeof settings.unix_socket !== "string") {
    throw new Error("it has neither a command nor a port nor the path of a unix_socket");
  }
}
