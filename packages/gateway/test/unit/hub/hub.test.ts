import type { IncomingMessage } from "node:http";
import pino from "pino";
import { describe, expect, it, vi } from "vitest";
import { Hub, hubAddress, hubOrigins } from "../../../src/hub/hub.ts";
import { alice } from "../../support/hub-settings.ts";

describe("where the hub is, from the browser's side", () => {
  it.each([
    ["", "/", "/hub/"],
    ["", "/jupyter/", "/jupyter/hub/"],
    ["https://hub.example", "/jupyter/", "https://hub.example/jupyter/hub/"],
  ])("host “%s”, base URL %s: %s", (host, baseUrl, expected) => {
    expect(hubAddress({ host, baseUrl })).toBe(expected);
  });

  it.each([
    [undefined, "", []],
    ["https://alice.hub.example/user/alice/", "", ["https://alice.hub.example"]],
    [
      "https://alice.hub.example:8443/x/",
      "https://hub.example",
      ["https://alice.hub.example:8443", "https://hub.example"],
    ],
    ["/user/alice/", "not an address", []],
  ])("R5: pages of %s and %s may send requests", (publicUrl, host, expected) => {
    expect(hubOrigins({ publicUrl, host })).toEqual(expected);
  });
});

it("R5: the way back from a login meets no question, once and at its address only", async () => {
  const hub = new Hub(alice, policy, pino({ level: "silent" }));
  const open = (returnsTo?: string) => {
    const cookie = hub.authentication.openSession("alice", 60, "http", returnsTo).split(";")[0];
    return { headers: { cookie } } as IncomingMessage;
  };
  const address = "/user/alice/waiide/proxy/8501/";
  const request = open(address);
  expect(hub.authentication.returnsFromLogin(request, `${address}?other`)).toBe(false);
  expect(hub.authentication.returnsFromLogin(request, address)).toBe(true);
  expect(hub.authentication.returnsFromLogin(request, address)).toBe(false);
  expect(hub.authentication.returnsFromLogin(open(), address)).toBe(false);
  expect(hub.authentication.returnsFromLogin({ headers: {} } as IncomingMessage, address)).toBe(false);
  await hub.close();
});

const policy = {
  hubShareLevel: "none",
  allowAnyHubUser: false,
  passHubToken: false,
  allowExposedHubToken: false,
} as const;

it("R22: those who wait for an owner's token get the owner's login, and nobody else's", async () => {
  const scopes = ["access:servers!server=alice/waiide"];
  const hub = new Hub({ ...alice, accessScopes: scopes }, policy, pino({ level: "silent" }));
  const getUser = async (name?: string) =>
    ({ kind: "ok", status: 200, body: { name, scopes }, date: undefined }) as const;
  vi.spyOn(hub.client, "getUser").mockImplementation(getUser);
  const tokens: unknown[] = [];
  hub.shares.on("login", () => tokens.push(hub.authentication.ownerToken()));
  for (const token of ["bob", "alice"]) {
    await hub.identities.check(token);
    hub.authentication.openSession(token, 60, "http");
  }
  expect(tokens).toEqual(["alice"]);
  await hub.close();
});
