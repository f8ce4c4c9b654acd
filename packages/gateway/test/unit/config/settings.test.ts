import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WholeNumber } from "@waiide/protocol";
import { Command } from "commander";
import { afterEach, beforeEach, expect, it } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { settingsInColumns } from "../../../src/cli/config.ts";
import { type Flags, settingsOf, withSettings } from "../../../src/cli/setting-flags.ts";
import { loadConfig } from "../../../src/config/config.ts";
import type { ConfigInputs } from "../../../src/config/inputs.ts";
import { setting } from "../../../src/config/settings/setting.ts";
import { settings } from "../../../src/config/settings/settings.ts";
import { checkSettings } from "../../../src/doctor/settings.ts";
import { settingRows } from "../../support/settings-page.ts";

/** The gateway's table, and two rows more: one as plain as can be, one with everything that a row may say. */
const table = {
  ...settings,
  "tea-cups": setting({
    schema: WholeNumber({ minimum: 1 }),
    default: 2,
    description: "Cups in the pot.",
    setBy: "user",
  }),
  "tea-time": setting({
    schema: WholeNumber({ minimum: 0, maximum: 23 }),
    description: "The hour of tea. Default: 16.",
    setBy: "administrator",
    variable: "WAIIDE_TEA",
    key: "kitchen.teaTime",
    fault: (value) => (value === 3 ? "nobody is awake" : undefined),
    decide: (given): string => `${given ?? 16}:00`,
    show: (time) => `at ${time}`,
    warn: (time) => (time === "0:00" ? "Tea at midnight keeps people awake." : undefined),
  }),
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-settings-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function inputs(given: Partial<ConfigInputs> = {}): ConfigInputs {
  const administratorFile = join(folder, "administrator.json");
  return { environment: {}, flags: new Map(), administratorFile, userFile: join(folder, "user.json"), ...given };
}

function load(given: Partial<ConfigInputs> = {}) {
  return loadConfig(inputs(given), table);
}

/** What a command line with these arguments sets. */
function flagsOf(...argv: readonly string[]): ConfigInputs["flags"] {
  let found: Flags = {};
  const command = withSettings(new Command("tea"), table).action((flags: Flags) => {
    found = flags;
  });
  command.parse(argv, { from: "user" });
  return settingsOf(found, table);
}

it("a setting is one row: Config has its value, with its type", () => {
  const config = load();
  const cups: number = config.teaCups;
  const time: string = config.kitchen.teaTime;
  // @ts-expect-error: it is no text
  const text: string = config.teaCups;
  expect([cups, time, text]).toEqual([2, "16:00", 2]);
  expect(config.sharing.level).toBe("terminal");
});

it("a setting is one row: flags, variables and configuration files set it", () => {
  expect(load({ flags: flagsOf("--tea-cups", "5") }).teaCups).toBe(5);
  expect(load({ environment: { WAIIDE_TEA_CUPS: "6", WAIIDE_TEA: "17" } })).toMatchObject({
    teaCups: 6,
    kitchen: { teaTime: "17:00" },
  });
  writeFileSync(join(folder, "user.json"), '{"tea-cups": 7}');
  expect(load().teaCups).toBe(7);
  const help = withSettings(new Command("tea"), table).helpInformation();
  expect(help).toMatch(/--tea-cups <value> +Cups in the pot\./);
});

it("a setting is one row: the documentation has it", () => {
  expect(settingRows(table).slice(-2)).toEqual([
    ["`--tea-cups`", "`WAIIDE_TEA_CUPS`", "`2`", "user", "Cups in the pot."],
    ["`--tea-time`", "`WAIIDE_TEA`", "", "administrator", "The hour of tea. Default: 16."],
  ]);
});

it("a setting is one row: “waiide config” shows its value and source", () => {
  const { explained } = load({ flags: flagsOf("--tea-cups=5") });
  expect(explained.slice(-2)).toEqual([
    { name: "tea-cups", value: 5, source: "flag", origin: "--tea-cups" },
    { name: "tea-time", value: "at 16:00", source: "decided at start", origin: "decided at start" },
  ]);
  expect(settingsInColumns(explained)).toMatch(/^tea-cups +5 +--tea-cups\ntea-time +at 16:00 +decided at start\n/m);
});

it("a setting is one row: “waiide doctor” names it, and gives its warning", async () => {
  const findings = await checkSettings(load({ environment: { WAIIDE_TEA: "0" } }));
  expect(findings).toEqual([
    { check: "settings", result: "ok", message: "tea-time from WAIIDE_TEA" },
    { check: "settings", result: "warning", message: "Tea at midnight keeps people awake." },
  ]);
});

it.each([
  ["of another type", { environment: { WAIIDE_TEA_CUPS: "many" } }, "SETTING_INVALID", "WAIIDE_TEA_CUPS"],
  ["out of range", { environment: { WAIIDE_TEA: "24" } }, "SETTING_INVALID", "WAIIDE_TEA"],
  ["with a fault of its own", { environment: { WAIIDE_TEA: "3" } }, "SETTING_INVALID", "nobody is awake"],
  ["with a typing error", { environment: { WAIIDE_TEA_CUP: "3" } }, "VARIABLE_UNKNOWN", "WAIIDE_TEA_CUPS"],
] as [string, Partial<ConfigInputs>, string, string][])("a setting %s is refused", (_what, given, code, text) => {
  const error = errorOf(given);
  expect(error.code).toBe(code);
  expect(error.message).toContain(text);
});

it("the user's file cannot set what is the administrator's", () => {
  writeFileSync(join(folder, "user.json"), '{"tea-time": 17}');
  expect(errorOf({}).code).toBe("SETTING_NOT_YOURS");
});

it("“waiide config” shows the keys of apps, never their values", () => {
  const apps = { lab: { command: ["lab"], environment: { KEY: "hidden-1" }, request_headers: { Token: "hidden-2" } } };
  const config = load({ flags: new Map([["apps", JSON.stringify(apps)]]) });
  expect(config.apps).toEqual(apps);
  const shown = settingsInColumns(config.explained);
  expect(shown).toContain('"environment":{"KEY":"***"}');
  expect(shown).not.toContain("hidden-");
});

function errorOf(given: Partial<ConfigInputs>): GatewayError {
  try {
    load(given);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("the configuration was accepted");
}
