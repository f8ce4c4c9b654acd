import { lookup } from "node:dns/promises";
import { reasonOf } from "../base/errors.ts";
import { type Finding, ok } from "../base/finding.ts";
import type { Config } from "../config/config.ts";

/** Whether the names of ports lead anywhere, as far as this machine can tell. */
export async function checkPortNames({ proxyDomain, mode }: Pick<Config, "proxyDomain" | "mode">): Promise<Finding> {
  if (proxyDomain === undefined) {
    return ok("port names", mode === "standalone" ? "{{port}}.localhost, on this machine" : "none: /proxy/{{port}}/");
  }
  const { pattern } = proxyDomain;
  const name = pattern.hostOf("3000");
  try {
    const { address } = await lookup(name);
    return ok("port names", `${pattern.hostOf("{{port}}")} (${name} is ${address})`);
  } catch (error) {
    return {
      check: "port names",
      result: "warning",
      message: `proxy-domain: this machine finds no ${name}: ${reasonOf(error)}`,
      action: `Add a wildcard name *.${pattern.domain} to the DNS that leads where browsers reach WAIIDE.`,
    };
  }
}
