import type { ServerFacts } from "@waiide/protocol";
import { expect, it } from "vitest";
import { describeServer } from "../../../src/server/server-text.ts";

const facts: ServerFacts = {
  version: "0.1.0",
  environment: "standalone",
  user: null,
  server_name: "",
  hub: null,
  memory: { used: null, limit: null },
  cpu_limit: null,
  idle_timeout: 0,
};

it("shows what is known of a server, and leaves out the rest", () => {
  expect(describeServer(facts)).toBe("WAIIDE: 0.1.0\nHub: none");
  const all = describeServer({
    ...facts,
    environment: "jupyterhub",
    user: "alice",
    hub: { version: "6.1.0", home: null },
    memory: { used: 3 * 1024 ** 3, limit: 8 * 1024 ** 3 },
    cpu_limit: 2,
    idle_timeout: 5_400,
  });
  expect(all.split("\n")).toEqual([
    "WAIIDE: 0.1.0",
    "Hub: JupyterHub 6.1.0",
    "User: alice",
    "Server: the default one",
    "Memory: 3.0 of 8.0 GiB used",
    "CPUs: 2 at most",
    "Stops after 90 minutes without activity",
  ]);
});
