import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { plainText } from "../text/words.ts";

/** Enough for a store on a slow disk. Milliseconds. */
const defaultTimeout = 30_000;

/** A refusal of the gateway (`{error:{code,message,action}}`, DESIGN §3.2) as plain text. */
export class GatewayRefusal extends Error {
  readonly code: string;
  /** What to do about it; may be empty. */
  readonly action: string;
  /** The field of the request that is wrong, if it is one. */
  readonly field: string | undefined;

  constructor(code: string, message: string, action: string, field?: string) {
    super(message);
    this.code = code;
    this.action = action;
    this.field = field;
  }
}

/** Nothing answers at the control socket: the gateway has stopped, or is restarting. */
export class GatewayUnreachable extends Error {}

export interface GatewayRequest {
  readonly method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly body?: object;
  /** Milliseconds; default 30,000. */
  readonly timeout?: number;
}

/** The gateway's API over its control socket (DESIGN §3.4). Only the owner can open the socket. */
export class Gateway {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** @throws GatewayRefusal, GatewayUnreachable */
  async ask<Answer>(
    path: string,
    { method = "GET", body, timeout = defaultTimeout }: GatewayRequest = {},
  ): Promise<Answer> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const signal = AbortSignal.timeout(timeout);
    let response: IncomingMessage;
    let answer: string;
    try {
      response = await this.#open(path, { method, signal, content });
      answer = await text(response);
    } catch (cause) {
      throw new GatewayUnreachable(reasonOf(cause), { cause });
    }
    const status = response.statusCode ?? 0;
    if (status >= 400) throw refusalFrom(status, answer);
    return (answer === "" ? undefined : parsed(answer)) as Answer;
  }

  /** Opens a stream of server-sent events, which lasts until either side ends it. */
  async stream(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#open(path, { method: "GET", signal, content: undefined });
    if (response.statusCode === 200) return response;
    throw refusalFrom(response.statusCode ?? 0, await text(response));
  }

  #open(
    path: string,
    { method, signal, content }: { method: string; signal: AbortSignal; content: string | undefined },
  ): Promise<IncomingMessage> {
    const headers = content === undefined ? {} : { "Content-Type": "application/json" };
    return new Promise((resolve, reject) => {
      httpRequest({ socketPath: this.#socketPath, path, method, headers, signal })
        .on("response", resolve)
        .on("error", reject)
        .end(content);
    });
  }
}

/** The reason of an error as plain text: VS Code shows links in messages (RULES R17). */
export function reasonOf(error: unknown): string {
  return plainText(error instanceof Error ? error.message : String(error));
}

/** @throws GatewayRefusal */
function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const action = "Try again. If it lasts, restart the server.";
    throw new GatewayRefusal("ANSWER_UNREADABLE", "The gateway's answer cannot be read: it is not JSON.", action);
  }
}

function refusalFrom(status: number, answer: string): GatewayRefusal {
  const { code, message, action, field } = errorIn(answer);
  const words = message ?? `The gateway answered ${status}.`;
  return new GatewayRefusal(code ?? `HTTP_${status}`, plainText(words), plainText(action ?? ""), field);
}

function errorIn(answer: string): { code?: string; message?: string; action?: string; field?: string } {
  try {
    const { error } = JSON.parse(answer) as { error?: object };
    return typeof error === "object" && error !== null ? error : {};
  } catch (cause) {
    if (cause instanceof SyntaxError) return {};
    throw cause;
  }
}
