import { reasonOf } from "./base/errors.ts";
import { createLogger, type Logger } from "./base/log.ts";
import { LogLines } from "./base/log-lines.ts";
import { Ending } from "./cli/ending.ts";
import { type Config, loadConfig } from "./config/config.ts";
import type { ConfigInputs } from "./config/inputs.ts";
import { Gateway } from "./gateway.ts";
import { ChildProcesses } from "./system/child-process.ts";
import { otherLoginUsers } from "./system/other-users.ts";

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
  gateway.ide.process.whenReady().then(
    () => process.stdout.write(`The IDE is ready: ${gateway.url}\n`),
    (error: unknown) =>
      process.stdout.write(`The IDE server is not running; ${gateway.url} says why: ${reasonOf(error)}\n`),
  );
}

/** The login link is a secret and goes only to standard output: logs are kept and shared (RULES R4). */
function announce({ authentication }: Config, { url }: Gateway): void {
  const link = authentication.kind === "token" ? `${url}?token=${authentication.token}` : url;
  process.stdout.write(`\nWAIIDE is at ${link}\n(Ctrl-C stops it. The IDE server is starting.)\n`);
}

async function warnAboutOthers({ authentication }: Config, logger: Logger): Promise<void> {
  if (authentication.kind !== "none") return;
  const others = await otherLoginUsers();
  if (others.length === 0) return;
  const names = others.slice(0, 5).join(", ");
  logger.warn(
    `Other users of this machine (${names}) can open WAIIDE and run programs as you. --auth token keeps them out.`,
  );
}
