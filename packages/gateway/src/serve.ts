import { join } from "node:path";
import { reasonOf } from "./base/errors.ts";
import { createLogger, type Logger } from "./base/log.ts";
import { LogLines } from "./base/log-lines.ts";
import { openBrowser } from "./cli/browser/open-browser.ts";
import { Ending } from "./cli/ending.ts";
import { type Config, loadConfig } from "./config/config.ts";
import type { ConfigInputs } from "./config/inputs.ts";
import { Gateway } from "./gateway.ts";
import { ChildProcesses } from "./system/child-process.ts";
import { usersWhoCanConnect } from "./system/other-users.ts";

/** Runs the gateway until SIGINT or SIGTERM, which close everything in order; a second signal kills what still runs. */
export async function serve(inputs: ConfigInputs): Promise<void> {
  const config = loadConfig(inputs);
  const recentLog = new LogLines();
  const logger = await createLogger(config, recentLog);
  for (const warning of config.warnings) logger.warn(warning);
  const children = new ChildProcesses();
  const ending = new Ending(logger, children);
  await warnAboutOthers(config, logger);
  ending.exitIfAsked();
  const watched = { file: inputs.administratorFile, reload: () => loadConfig(inputs) };
  const gateway = await Gateway.start(config, logger, {
    program: process.argv[1],
    watched,
    recentLog,
    children,
  });
  ending.attach(gateway);
  if (ending.asked) return;
  announce(config, gateway);
  const where = config.socket ?? gateway.url;
  gateway.ide.process
    .whenReady()
    .then(
      () => process.stdout.write(`The IDE is ready: ${where}\n`),
      (error: unknown) =>
        process.stdout.write(`The IDE server is not running; ${where} says why: ${reasonOf(error)}\n`),
    )
    .then(() => openPage(config, gateway))
    .catch((error: unknown) => logger.warn({ err: error }, "no browser was opened"));
}

/** The login link is a secret and goes only to standard output: logs are kept and shared (RULES R4). */
function announce(config: Config, gateway: Gateway): void {
  const { fingerprint } = gateway;
  const certificate =
    fingerprint === undefined
      ? ""
      : `Its certificate is its own, so that browsers ask once. Its fingerprint (SHA-256):\n${fingerprint}\n`;
  process.stdout.write(
    `\nWAIIDE is at ${placeOf(config, gateway)}\n${certificate}(Ctrl-C stops it. The IDE server is starting.)\n`,
  );
}

/** What is in front of a unix socket is not ours, unless the configuration says it. */
function placeOf(config: Config, gateway: Gateway): string {
  if (config.socket === undefined) return linkOf(config, gateway);
  const link = linkOf(config, { url: config.sharing.publicOrigin === undefined ? "" : gateway.url });
  return `the unix socket ${config.socket}${link === "" ? "" : `, in the browser ${link}`}`;
}

function linkOf({ authentication }: Config, { url }: Pick<Gateway, "url">): string {
  return authentication.kind === "token" ? `${url}?token=${authentication.token}` : url;
}

/** With `--open`. */
async function openPage(config: Config, gateway: Gateway): Promise<void> {
  if (!config.open) return;
  const isKnown = config.socket === undefined || config.sharing.publicOrigin !== undefined;
  const reason = isKnown
    ? await openBrowser({
        address: linkOf(config, gateway),
        secretFile: config.authentication.kind === "token" ? join(config.gatewayFolder, "open.html") : undefined,
        environment: process.env,
      })
    : "--socket has no address of its own, and public-url is not set";
  if (reason !== undefined) process.stdout.write(`No browser was opened: ${reason}. Open the address yourself.\n`);
}

async function warnAboutOthers(config: Config, logger: Logger): Promise<void> {
  if (config.authentication.kind !== "none") return;
  const others = await usersWhoCanConnect(config);
  if (others.length === 0) return;
  const names = others.slice(0, 5).join(", ");
  logger.warn(
    `Other users of this machine (${names}) can open WAIIDE and run programs as you. --auth token keeps them out.`,
  );
}
