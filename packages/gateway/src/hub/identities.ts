import { hash } from "node:crypto";
import { type Access, asHubUser, type HubUser, type Identity } from "./access.ts";
import type { HubClient } from "./client.ts";

/** What is known of a token. `invalid`: the hub does not know it. `unavailable`: the hub cannot be asked. */
export type Known = Access | { readonly kind: "invalid" } | { readonly kind: "unavailable"; readonly reason: string };

export interface IdentitiesOptions {
  readonly client: Pick<HubClient, "getUser">;
  /** What the bearer of a valid token may do here. Pure: no question, no clock. */
  readonly decide: (user: HubUser) => Access;
  /** Told once of everybody who comes in with a token not seen before. */
  readonly onArrival?: (identity: Identity) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Milliseconds until a first refusal is looked at once more. */
  readonly secondLook?: number;
}

interface Entry {
  access: Access | { readonly kind: "invalid" };
  /** Undefined for what is no token of the hub's. */
  user: HubUser | undefined;
  /** When the hub said so. Milliseconds since 1970. */
  saidAt: number;
  /** While the hub cannot be asked: when to try again. */
  tryAgainAt: number;
}

/** RULES R1, in milliseconds. */
const identityLife = 60_000;
const refusalLife = 5_000;
/** From this age on an identity is asked about again in the background, so that nobody waits for it. */
const refreshAge = 45_000;
/** A hub that does not answer is not asked more often than this about those who are in already. */
const pauseWhenUnavailable = 5_000;
/** A share made a moment ago can be missing from the first answer (RULES R2). */
const defaultSecondLook = 1_000;
/** Strangers choose tokens, so that their number is bounded. */
const mostEntries = 2_000;

/**
 * Who bears which token, as the hub says, remembered for a minute (refusals five seconds) under the token's hash. While
 * the hub does not answer, whoever was in stays in, however long (RULES R22).
 */
export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #clock: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<Known>>();

  constructor(options: IdentitiesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /** Synchronous while what is remembered is fresh: this runs for every request. */
  identify(token: string): Known | Promise<Known> {
    const key = keyOf(token);
    const entry = this.#entries.get(key);
    if (entry === undefined) return this.#ask(key, token);
    const now = this.#clock();
    const age = now - entry.saidAt;
    const life = entry.access.kind === "admitted" ? identityLife : refusalLife;
    if (age >= 0 && age < life) {
      if (age > refreshAge && now >= entry.tryAgainAt) this.#ask(key, token).catch(unexpected);
      return entry.access;
    }
    if (now < entry.tryAgainAt && entry.access.kind === "admitted") return entry.access;
    return this.#ask(key, token);
  }

  /** Asks the hub now, whatever is remembered. */
  async check(token: string): Promise<Known> {
    return this.#ask(keyOf(token), token);
  }

  /** Whose token it is, as far as the hub was asked already. */
  userOf(token: string): HubUser | undefined {
    return this.#entries.get(keyOf(token))?.user;
  }

  /**
   * For a token that is not needed to get in: whether it is the hub's at all. One that is not never becomes one, so that
   * the hub is asked once.
   */
  classify(token: string): Known | Promise<Known> {
    const access = this.#entries.get(keyOf(token))?.access;
    return access?.kind === "invalid" ? access : this.identify(token);
  }

  forget(token: string): void {
    this.#entries.delete(keyOf(token));
  }

  /** One question at a time for each token. */
  #ask(key: string, token: string): Promise<Known> {
    const asked = this.#underWay.get(key);
    if (asked !== undefined) return asked;
    const question = this.#look(key, token).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, question);
    return question;
  }

  async #look(key: string, token: string): Promise<Known> {
    const before = this.#entries.get(key);
    let { known, user } = await this.#askHub(token);
    if (known.kind === "denied" && before === undefined) {
      await pause(this.#options.secondLook ?? defaultSecondLook);
      ({ known, user } = await this.#askHub(token));
    }
    if (known.kind === "unavailable") {
      if (before?.access.kind !== "admitted") return known;
      before.tryAgainAt = this.#clock() + pauseWhenUnavailable;
      return before.access;
    }
    this.#remember(key, known, user);
    if (known.kind === "admitted" && before?.access.kind !== "admitted") this.#options.onArrival?.(known.identity);
    return known;
  }

  async #askHub(token: string): Promise<{ known: Known; user: HubUser | undefined }> {
    const { client, decide } = this.#options;
    const answer = await client.getUser(token);
    const none = (known: Known) => ({ known, user: undefined });
    if (answer.kind === "unreachable") return none({ kind: "unavailable", reason: answer.reason });
    // Only these say something about the token; a 404 comes from a wrong address, a 500 from a hub in trouble.
    if (answer.kind === "refused" && (answer.status === 403 || answer.status === 401)) return none({ kind: "invalid" });
    if (answer.kind !== "ok") return none({ kind: "unavailable", reason: answer.reason });
    const user = asHubUser(answer.body);
    if (user === undefined) return none({ kind: "unavailable", reason: "its answer names no user" });
    return { known: decide(user), user };
  }

  #remember(key: string, access: Entry["access"], user: HubUser | undefined): void {
    // Setting anew moves to the end: the first one is the one that the hub was asked about longest ago.
    this.#entries.delete(key);
    this.#entries.set(key, { access, user, saidAt: this.#clock(), tryAgainAt: 0 });
    if (this.#entries.size <= mostEntries) return;
    const [oldest = ""] = this.#entries.keys();
    this.#entries.delete(oldest);
  }
}

/** The token itself is not kept. */
function keyOf(token: string): string {
  return hash("sha256", token, "base64");
}

function pause(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, milliseconds);
  return promise;
}

/** The client answers with a value whatever the hub does; what is thrown is a fault of ours. */
function unexpected(error: unknown): never {
  throw error;
}
