import { WaitingSchema } from "@waiide/protocol";
import Value from "typebox/value";
import { GatewayError, reasonOf } from "../../base/errors.ts";
import type { CopyAddress } from "../../copies/owner-server.ts";

/** A link of a share, as its owner sends it. */
export interface ShareLink {
  /** Of the share, ends with `/`. */
  readonly url: URL;
  readonly secret: string;
}

/** @throws GatewayError COPY_LINK_WRONG */
export function readLink(text: string): ShareLink {
  const wrong = (reason: string) => new GatewayError("COPY_LINK_WRONG", { reason });
  if (!URL.canParse(text.trim())) throw wrong("it is no address");
  const url = new URL(text.trim());
  const secret = url.hash.slice(1) || (url.searchParams.get("token") ?? "");
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw wrong("it is no web address");
  if (!/\/share\/[A-Za-z0-9_-]+\/?$/.test(url.pathname)) throw wrong("its path is not that of a share");
  if (secret === "") throw wrong("the part after “#” is missing");
  return { url: new URL(`${url.pathname.replace(/\/?$/, "/")}`, url.origin), secret };
}

/** A guest's stay in a share, for as long as a copy takes. */
export class ShareVisit {
  readonly address: CopyAddress;

  private constructor(address: CopyAddress) {
    this.address = address;
  }

  /**
   * Enters as people do; where the owner has to accept them, waits for that.
   * @param onWait called once, before a wait
   * @throws GatewayError COPY_NOT_ENTERED
   */
  static async enter(link: ShareLink, name: string, signal: AbortSignal, onWait: () => void): Promise<ShareVisit> {
    let waiting: string | undefined;
    for (;;) {
      const body = { secret: link.secret, name, ...(waiting === undefined ? {} : { waiting }) };
      const answer = await send(new URL("enter", link.url), body, {}, signal);
      if (answer.status === 204) return new ShareVisit({ url: link.url, headers: { Cookie: cookieOf(answer) } });
      const content: unknown = await json(answer);
      if (answer.status !== 202 || !Value.Check(WaitingSchema, content)) throw refused(messageIn(content));
      if (waiting === undefined) onWait();
      waiting = content.waiting;
    }
  }

  /** Gives the guest's place back. */
  async leave(): Promise<void> {
    const { url, headers } = this.address;
    const answer = await send(new URL("leave", url), undefined, headers, AbortSignal.timeout(5_000));
    await answer.body?.cancel();
  }
}

async function send(
  url: URL,
  body: object | undefined,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, {
      method: "POST",
      // A redirect is a login, which needs a browser, or another server, which must not learn the secret.
      redirect: "manual",
      headers: { ...headers, Accept: "application/json", ...(body && { "Content-Type": "application/json" }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw refused(reasonOf((error as { cause?: unknown }).cause ?? error));
  }
}

function cookieOf({ headers }: Response): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0] ?? "")
    .join("; ");
}

async function json(answer: Response): Promise<unknown> {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw refused(`the server answered ${answer.status}`);
    throw error;
  }
}

function messageIn(content: unknown): string {
  const { message } = Object(Object(content).error) as { message?: unknown };
  return typeof message === "string" ? message.slice(0, 300).replace(/\.$/, "") : "the server did not say why";
}

function refused(reason: string): GatewayError {
  return new GatewayError("COPY_NOT_ENTERED", { reason });
}
