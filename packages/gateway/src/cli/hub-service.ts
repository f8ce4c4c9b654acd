import { type Command, Option } from "commander";
import type { ServiceFlags } from "../hub-service/settings.ts";

/** Adds “waiide hub-service”, whose code is loaded when it runs. */
export function registerHubServiceCommand(program: Command): void {
  const service = program
    .command("hub-service")
    .description("the administrator's page: a JupyterHub service that lists and revokes the shares of all servers");
  service
    .command("run", { isDefault: true })
    .description("run it; JupyterHub does this (see deploy/jupyterhub/admin-page.py)")
    .addOption(
      new Option(
        "--proxy-url <url>",
        "the address of the hub's proxy from here (default: the hub's public address, if known)",
      ).env("WAIIDE_PROXY_URL"),
    )
    .addOption(new Option("--key-file <file>", "the key that signs requests to servers").env("WAIIDE_KEY_FILE"))
    .addOption(
      new Option("--server-timeout <seconds>", "timeout of requests to servers")
        .env("WAIIDE_SERVER_TIMEOUT")
        .default("3"),
    )
    .action(async (flags: ServiceFlags) => (await import("./hub-service-commands.ts")).run(flags));
  service
    .command("key")
    .description("create the key file if it is missing, and print the value for share-admin-keys")
    .argument("<file>", "the key file; only the service may read it")
    .action(async (file: string) => (await import("./hub-service-commands.ts")).printKey(file));
}
