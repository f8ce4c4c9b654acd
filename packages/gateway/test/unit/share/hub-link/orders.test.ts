import { generateKeyPairSync, sign } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { type Order, Orders, orderScheme, publicKeyText, signOrder } from "../../../../src/share/hub-link/orders.ts";

const { privateKey } = generateKeyPairSync("ed25519");
const { privateKey: strangersKey } = generateKeyPairSync("ed25519");
const now = Date.parse("2026-11-25T12:00:00Z");
const order: Order = {
  service: "waiide",
  administrator: "root",
  server: "alice/waiide",
  method: "DELETE",
  path: "/api/share/revoke/abc_-1",
};

interface Given {
  authorization?: string;
  method?: string;
  path?: string;
  query?: string;
}

function setUp({ keys = [publicKeyText(privateKey)], server = "alice/waiide", clock = () => now } = {}) {
  const orders = new Orders({ keys, server, clock });
  return (given: Given = {}) => {
    const { method = order.method, path = order.path, query = "" } = given;
    const { authorization = signOrder(order, privateKey, now) } = given;
    const verdict = orders.judge({ method, headers: { authorization } } as unknown as IncomingMessage, { path, query });
    if (verdict === undefined) return undefined;
    return verdict.kind === "order" ? verdict.who : String(verdict.error.details.reason);
  };
}

/** A signed token with any claims and header. */
function forged(claims: object, head: object = { alg: "EdDSA", typ: "waiide-order+jwt" }, key = privateKey): string {
  const signed = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${orderScheme} ${signed}.${sign(null, Buffer.from(signed), key).toString("base64url")}`;
}

describe("R2: orders of the administrator's page", () => {
  it("a signed one is carried out once, and names the administrator", () => {
    const judge = setUp();
    const authorization = signOrder(order, privateKey, now);
    expect(judge({ authorization })).toBe("administrator root, through the service waiide");
    expect(judge({ authorization })).toMatch(/carried out already/);
    expect(judge()).toMatch(/^administrator root/);
  });

  it("any of several keys will do, so that one can be replaced", () => {
    const keys = [publicKeyText(strangersKey), publicKeyText(privateKey)];
    expect(setUp({ keys })()).toMatch(/^administrator/);
  });

  it.each([
    ["GET", "/api/share/overview", true],
    ["DELETE", "/api/share/revoke", true],
    ["DELETE", "/api/share/revoke/x", true],
    ["GET", "/api/share/list", false],
    ["GET", "/api/share/audit", false],
    ["GET", "/ide/", false],
    ["DELETE", "/api/share/x/guests/y", false],
    ["DELETE", "/api/share/revoke/x/../y", false],
    ["POST", "/api/share/create", false],
    ["PATCH", "/api/share/x", false],
  ])("%s %s: %s", (method, path, permitted) => {
    const authorization = signOrder({ ...order, method: method as Order["method"], path }, privateKey, now);
    const verdict = setUp()({ authorization, method, path });
    expect(verdict).toMatch(permitted ? /^administrator/ : /meant for another request/);
  });

  it("an order for another server, or for something else, is refused", () => {
    expect(setUp({ server: "bob/waiide" })()).toMatch(/another server/);
    expect(setUp({ server: "alice/" })()).toMatch(/another server/);
    expect(setUp()({ path: "/api/share/revoke/other" })).toMatch(/another request/);
    expect(setUp()({ path: "/api/share/revoke" })).toMatch(/another request/);
    expect(setUp()({ method: "GET" })).toMatch(/another request/);
    expect(setUp()({ query: "?a" })).toMatch(/another request/);
  });

  it("unknown keys, changed words, other algorithms and malformed orders are refused", () => {
    const claims = { iss: "waiide", sub: "root", aud: "alice/waiide", htm: order.method, htu: order.path };
    const good = { ...claims, iat: now / 1_000, jti: "0123456789abcdef" };
    expect(setUp()({ authorization: forged(good) })).toMatch(/^administrator/);
    const [scheme, token = ""] = signOrder(order, privateKey, now).split(" ");
    const [head = "", , signature = ""] = token.split(".");
    const changed = Buffer.from(JSON.stringify({ ...good, sub: "eve" })).toString("base64url");
    const bad = [
      signOrder(order, strangersKey, now),
      forged(good, { alg: "none" }),
      forged(good, { alg: "HS256", typ: "waiide-order+jwt" }),
      forged({ ...good, jti: undefined }),
      forged({ ...good, sub: "" }),
      `${scheme} ${head}.${changed}.${signature}`,
      `${scheme} ${head}.${changed}.`,
      `${scheme} ${head}`,
      `${scheme} x`,
    ];
    for (const authorization of bad) expect(setUp()({ authorization }), authorization).toMatch(/not signed by a key/);
    for (const other of ["token 0123456789abcdef", "Bearer x", "Basic x", "", orderScheme]) {
      expect(setUp()({ authorization: other })).toBeUndefined();
    }
  });

  it("it lasts a minute, and clocks may differ by one", () => {
    const at = (seconds: number) => setUp({ clock: () => now + seconds * 1_000 })();
    expect([-60, 0, 120].map(at)).toEqual(Array(3).fill(expect.stringMatching(/^administrator/)));
    expect(at(-61)).toMatch(/future/);
    expect(at(121)).toMatch(/too old/);
  });

  it("a server without a key says so", () => {
    expect(setUp({ keys: [] })()).toMatch(/before the administrator's page was set up/);
  });

  it("R17: a name cannot steer the owner's terminal", () => {
    const authorization = signOrder({ ...order, administrator: "ro\u001b[2Jot\n" }, privateKey, now);
    expect(setUp()({ authorization })).toBe("administrator ro[2Jot, through the service waiide");
  });
});
