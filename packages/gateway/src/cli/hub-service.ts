import { type Command, Option } from "commander";
import type { ServiceFlags } from "../hub-service/settings.ts";

/** Adds `waiide hub-service`, whose code is loaded when it runs. */
export function registerHubServiceCommand(program: Command): void {
  const service = program
    .command("hub-service")
    .description("the administrator's page: a JupyterHub service that lists and ends the shares of all servers");
  service
    .command("run", { isDefault: true })
    .description("run it; JupyterHub starts it so (see deploy/jupyterhub/admin-page.py)")
    .addOption(
      new Option(
        "--proxy-url <url>",
        "where the hub's proxy is reached from here (default: the hub's public address, if it knows it)",
      ).env("WAIIDE_PROXY_URL"),
    )
    .addOption(new Option("--key-file <file>", "the key that signs what is asked of servers").env("WAIIDE_KEY_FILE"))
    .addOption(
      new Option("--server-timeout <seconds>", "how long a server may take to answer")
        .env("WAIIDE_SERVER_TIMEOUT")
        .default("3"),
    )
    .action(async (flags: ServiceFlags) => (await import("./hub-service-commands.ts")).run(flags));
  service
    .command("key")
    .description("make the key file where it is missing, and print what share-admin-keys must hold")
    .argument("<file>", "the key file; readable by the service alone")
    .action(async (file: string) => (await import("./hub-service-commands.ts")).printKey(file));
}
