import { createPublicKey, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { WholeNumber } from "@waiide/protocol";
import { Type } from "typebox";
import Value from "typebox/value";
import type { OrderJudge, OrderVerdict } from "../../access/orders.ts";
import { type ErrorCode, GatewayError } from "../../base/errors.ts";
import type { RequestContext } from "../../http/request-context.ts";

/** What an administrator has the administrator's page do at one server. */
export interface Order {
  /** Name of the hub's service that sends it. */
  readonly service: string;
  /** The administrator's name at the hub. */
  readonly administrator: string;
  /** As `serverName` makes it. */
  readonly server: string;
  readonly method: "GET" | "DELETE";
  /** Below the server's prefix, begins with `/`. */
  readonly path: string;
}

/** `Authorization: WAIIDE-Order <JWT>`: a scheme of its own, so that no proxy or app takes it for a hub token. */
export const orderScheme = "WAIIDE-Order";

/** Seconds that an order may be on its way, and by which clocks may differ. */
const orderLife = 60;
const clockTolerance = 60;

/** Everything that can be ordered; all else is the owner's. */
const orders: Readonly<Record<Order["method"], RegExp>> = {
  GET: /^\/api\/share\/overview$/,
  DELETE: /^\/api\/share\/revoke(?:\/[\w-]+)?$/,
};

/** RFC 7515 with RFC 8037. The header is a constant: no other algorithm, and no key that it names itself. */
const head = encode({ alg: "EdDSA", typ: "waiide-order+jwt" });

const ClaimsSchema = Type.Object({
  iss: Type.String({ minLength: 1, maxLength: 255 }),
  sub: Type.String({ minLength: 1, maxLength: 255 }),
  aud: Type.String(),
  /** As in RFC 9449 (DPoP), with the path alone. */
  htm: Type.String(),
  htu: Type.String(),
  iat: WholeNumber(),
  jti: Type.String({ minLength: 16, maxLength: 64 }),
});

/** A server's name at the hub: `alice/waiide`, and `alice/` for the default server. */
export function serverName(user: string, server: string): string {
  return `${user}/${server}`;
}

/** @param now milliseconds since 1970. @returns the value of an `Authorization` header, good for this one request */
export function signOrder(order: Order, key: KeyObject, now: number = Date.now()): string {
  const claims = encode({
    iss: order.service,
    sub: order.administrator,
    aud: order.server,
    htm: order.method,
    htu: order.path,
    iat: Math.floor(now / 1_000),
    jti: randomBytes(16).toString("base64url"),
  });
  const signed = `${head}.${claims}`;
  return `${orderScheme} ${signed}.${sign(null, Buffer.from(signed), key).toString("base64url")}`;
}

export interface OrdersOptions {
  /** Ed25519 public keys, as `share-admin-keys` holds them. */
  readonly keys: readonly string[];
  /** Of this server, as `serverName` makes it. */
  readonly server: string;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * Judges what administrators order through their page. Orders are signed and carry no hub token: each user's server would
 * see such a token and could use it at other servers. A signature is valid for one server, one request and one minute.
 */
export class Orders implements OrderJudge {
  readonly #keys: readonly KeyObject[];
  readonly #server: string;
  readonly #clock: () => number;
  /** Orders that were carried out, until they are too old to be repeated. */
  readonly #seen = new Map<string, number>();

  constructor({ keys, server, clock = Date.now }: OrdersOptions) {
    this.#keys = keys.map(publicKeyOf);
    this.#server = server;
    this.#clock = clock;
  }

  /** @returns undefined for a request that is no order */
  judge(request: IncomingMessage, { path, query }: Pick<RequestContext, "path" | "query">): OrderVerdict | undefined {
    const token = tokenOf(request.headers.authorization);
    if (token === undefined) return undefined;
    if (this.#keys.length === 0)
      return refused("it was started before the administrator's page was set up", "SHARE_ORDER_KEY_UNKNOWN");
    const claims = this.#claims(token);
    if (claims === undefined)
      return refused("it is not signed by a key that this server knows", "SHARE_ORDER_KEY_UNKNOWN");
    const { aud, htm, htu, iss, sub } = claims;
    if (aud !== this.#server) return refused("it is meant for another server");
    const permitted = (orders as Readonly<Record<string, RegExp>>)[htm]?.test(htu) ?? false;
    if (!permitted || htm !== request.method || htu !== path || query !== "") {
      return refused("it is meant for another request");
    }
    const refusal = this.#staleness(claims);
    if (refusal !== undefined) return refused(refusal);
    return { kind: "order", who: `administrator ${plain(sub)}, through the service ${plain(iss)}` };
  }

  #claims(token: string) {
    const end = token.lastIndexOf(".");
    const signed = Buffer.from(token.slice(0, end));
    const signature = Buffer.from(token.slice(end + 1), "base64url");
    if (!token.startsWith(`${head}.`) || !this.#keys.some((key) => verify(null, signed, key, signature))) {
      return undefined;
    }
    const claims = decode(token.slice(head.length + 1, end));
    return Value.Check(ClaimsSchema, claims) ? claims : undefined;
  }

  #staleness({ iat, jti }: { readonly iat: number; readonly jti: string }): string | undefined {
    const now = this.#clock() / 1_000;
    for (const [id, until] of this.#seen) if (until < now) this.#seen.delete(id);
    if (iat > now + clockTolerance) return "it comes from the future: this machine's clock is behind the hub's";
    if (iat + orderLife + clockTolerance < now) return "it is too old, or this machine's clock is ahead of the hub's";
    if (this.#seen.has(jti)) return "it was carried out already";
    this.#seen.set(jti, iat + orderLife + clockTolerance);
    return undefined;
  }
}

/** What `share-admin-keys` holds. */
export function publicKeyText(key: KeyObject): string {
  return String(createPublicKey(key).export({ format: "jwk" }).x);
}

function publicKeyOf(text: string): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: text }, format: "jwk" });
}

function tokenOf(header: string | undefined): string | undefined {
  const prefix = `${orderScheme} `;
  return header?.startsWith(prefix) ? header.slice(prefix.length) : undefined;
}

function refused(reason: string, code: ErrorCode = "SHARE_ORDER_REFUSED"): OrderVerdict {
  return { kind: "refused", error: new GatewayError(code, { reason }) };
}

/** Names go into the audit, which is shown in terminals. */
function plain(name: string): string {
  return name.replace(/\p{C}/gu, "");
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Of a part that was signed: it is what we wrote. */
function decode(part: string): unknown {
  return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
}
