import { hash } from "node:crypto";
import { BoundedTable } from "../base/bounded-table.ts";
import { FairQueue } from "../base/fair-queue.ts";
import { type Access, asHubUser, type HubUser, type Identity } from "./access.ts";
import type { HubClient } from "./client.ts";

/** What is known about a token. `invalid`: the hub does not know it. `unavailable`: the hub does not answer. */
export type Known = Access | { readonly kind: "invalid" } | { readonly kind: "unavailable"; readonly reason: string };

export interface IdentitiesOptions {
  readonly client: Pick<HubClient, "getUser">;
  /** What the bearer of a valid token may do here. Pure: asks nobody and reads no clock. */
  readonly decide: (user: HubUser) => Access;
  /** Called once for each person who enters with a new token. */
  readonly onArrival?: (identity: Identity) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Milliseconds until a first refusal is checked again. */
  readonly secondLook?: number;
}

interface Entry {
  access: Access | { readonly kind: "invalid" };
  /** Undefined if it is not a hub token. */
  user: HubUser | undefined;
  /** The browser's session at the hub; empty without one. */
  readonly session: string;
  /** When the hub answered. Milliseconds since 1970. */
  saidAt: number;
  /** While the hub does not answer: when to try again. */
  tryAgainAt: number;
}

/** RULES R1. Milliseconds. */
const identityLife = 60_000;
const refusalLife = 5_000;
/** From this age on an identity is refreshed in the background, so that no request waits for it. */
const refreshAge = 45_000;
/** While the hub does not answer, known identities are refreshed at most this often. */
const pauseWhenUnavailable = 5_000;
/** A share that was just created can be missing from the first answer (RULES R2). */
const defaultSecondLook = 1_000;
/** Strangers choose tokens, so the number of cached refusals is limited. */
const maxRefusals = 2_000;
/** Maximum number of cached identities that the hub admits. */
const maxAdmitted = 20_000;
/** New tokens that are checked at the same time; known ones have connections of their own. */
const maxUnknown = 4;
/** The same, per address. */
const maxWaiting = 1_000;

/**
 * The hub's answers about tokens, cached for a minute (refusals for five seconds) under the token's hash. While the hub does
 * not answer, everybody who was in stays in, for any time (RULES R22).
 */
export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #clock: () => number;
  /** Separate from refusals, so that any number of made-up tokens never evicts a person whom the hub confirmed. */
  readonly #admitted = new BoundedTable<string, Entry>(maxAdmitted);
  readonly #refused = new BoundedTable<string, Entry>(maxRefusals);
  readonly #unknown = new FairQueue(maxUnknown, maxWaiting);
  readonly #queued = new Map<string, Promise<Known>>();
  /** Counts missing answers, so that requests that waited for one need not wait for the next. */
  #outages = 0;
  readonly #underWay = new Map<string, Promise<Known>>();

  constructor(options: IdentitiesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /**
   * Synchronous while the cached answer is fresh: this runs for every request.
   * @param from the client's address: new tokens from one address wait for each other
   * @param session of the browser at the hub (its cookie `jupyterhub-session-id`): a logout there changes it, and then the hub
   * is asked at once, as its own servers do
   */
  identify(token: string, from = "", session = ""): Known | Promise<Known> {
    const key = keyOf(token);
    const entry = this.#find(key);
    if (entry === undefined) return this.#askAboutUnknown(key, token, session, from);
    const now = this.#clock();
    if (entry.session !== session && !(now < entry.tryAgainAt)) return this.#ask(key, token, session);
    const age = now - entry.saidAt;
    const life = entry.access.kind === "admitted" ? identityLife : refusalLife;
    if (age >= 0 && age < life) {
      if (age > refreshAge && now >= entry.tryAgainAt) this.#ask(key, token, session).catch(unexpected);
      return entry.access;
    }
    if (now < entry.tryAgainAt && entry.access.kind === "admitted") return entry.access;
    return this.#ask(key, token, session);
  }

  /** Asks the hub now, whatever is cached. */
  async check(token: string, session?: string): Promise<Known> {
    const key = keyOf(token);
    return this.#ask(key, token, session ?? this.#find(key)?.session ?? "");
  }

  /** The cached identity of a token. */
  userOf(token: string): HubUser | undefined {
    return this.#find(keyOf(token))?.user;
  }

  /**
   * Whether it is a hub token at all, for tokens that are not needed for the login. One that is not never becomes one, so the
   * hub is asked only once.
   */
  classify(token: string, from = ""): Known | Promise<Known> {
    const access = this.#find(keyOf(token))?.access;
    return access?.kind === "invalid" ? access : this.identify(token, from);
  }

  forget(token: string): void {
    this.#admitted.delete(keyOf(token));
    this.#refused.delete(keyOf(token));
  }

  #find(key: string): Entry | undefined {
    return this.#admitted.get(key) ?? this.#refused.get(key);
  }

  /** Tokens of strangers must not take the hub's time from people who are in. */
  #askAboutUnknown(key: string, token: string, session: string, from: string): Promise<Known> {
    const name = nameOf(key, session);
    const asked = this.#underWay.get(name) ?? this.#queued.get(name);
    if (asked !== undefined) return asked;
    const outages = this.#outages;
    const known = (): Known | undefined =>
      outages === this.#outages ? undefined : { kind: "unavailable", reason: "it did not answer a moment ago" };
    const full = (): Known => ({ kind: "unavailable", reason: "too many unknown tokens came from your address" });
    const ask = async () => known() ?? this.#ask(key, token, session);
    const question = this.#unknown.run(from, ask, full).finally(() => this.#queued.delete(name));
    this.#queued.set(name, question);
    return question;
  }

  /** One request at a time for each token and session: an answer from before a logout is not valid after it. */
  #ask(key: string, token: string, session: string): Promise<Known> {
    const name = nameOf(key, session);
    const asked = this.#underWay.get(name);
    if (asked !== undefined) return asked;
    const question = this.#look(key, token, session).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, question);
    return question;
  }

  async #look(key: string, token: string, session: string): Promise<Known> {
    const before = this.#find(key);
    let { known, user } = await this.#askHub(token);
    if (known.kind === "denied" && before === undefined) {
      await pause(this.#options.secondLook ?? defaultSecondLook);
      ({ known, user } = await this.#askHub(token));
    }
    if (known.kind === "unavailable") {
      this.#outages += 1;
      if (before?.access.kind !== "admitted") return known;
      before.tryAgainAt = this.#clock() + pauseWhenUnavailable;
      return before.access;
    }
    this.#remember(key, session, known, user);
    if (known.kind === "admitted" && before?.access.kind !== "admitted") this.#options.onArrival?.(known.identity);
    return known;
  }

  async #askHub(token: string): Promise<{ known: Known; user: HubUser | undefined }> {
    const { client, decide } = this.#options;
    const answer = await client.getUser(token);
    const none = (known: Known) => ({ known, user: undefined });
    if (answer.kind === "unreachable") return none({ kind: "unavailable", reason: answer.reason });
    // Only these concern the token; a 404 comes from a wrong address, a 500 from a hub in trouble.
    if (answer.kind === "refused" && (answer.status === 403 || answer.status === 401)) return none({ kind: "invalid" });
    if (answer.kind !== "ok") return none({ kind: "unavailable", reason: answer.reason });
    const user = asHubUser(answer.body);
    if (user === undefined) return none({ kind: "unavailable", reason: "its answer names no user" });
    return { known: decide(user), user };
  }

  #remember(key: string, session: string, access: Entry["access"], user: HubUser | undefined): void {
    this.#admitted.delete(key);
    this.#refused.delete(key);
    const entries = access.kind === "admitted" ? this.#admitted : this.#refused;
    entries.set(key, { access, user, session, saidAt: this.#clock(), tryAgainAt: 0 });
  }
}

function nameOf(key: string, session: string): string {
  return `${key} ${session}`;
}

/** The token itself is not stored. */
function keyOf(token: string): string {
  return hash("sha256", token, "base64");
}

function pause(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, milliseconds);
  return promise;
}

/** The client never throws for what the hub does, so an exception is an error of ours. */
function unexpected(error: unknown): never {
  throw error;
}
