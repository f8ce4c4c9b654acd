import { hash } from "node:crypto";
import { FairQueue } from "../base/fair-queue.ts";
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
  /** The hub's session of the browser that the question was asked for; empty: none. */
  readonly session: string;
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
/** Strangers choose tokens, so that the number of those that let nobody in is bounded. */
const maxRefusals = 2_000;
/** Whom the hub lets in; more are no strangers, but bounded all the same. */
const maxAdmitted = 20_000;
/** Tokens never seen before that the hub is asked about at once; others have connections of their own. */
const maxUnknown = 4;
/** Of one address. */
const maxWaiting = 1_000;

/**
 * Who bears which token, as the hub says, remembered for a minute (refusals five seconds) under the token's hash. While
 * the hub does not answer, whoever was in stays in, however long (RULES R22).
 */
export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #clock: () => number;
  /** Apart from what lets nobody in: made-up tokens, however many, never push out someone whom the hub named. */
  readonly #admitted = new Map<string, Entry>();
  readonly #refused = new Map<string, Entry>();
  readonly #unknown = new FairQueue(maxUnknown, maxWaiting);
  readonly #queued = new Map<string, Promise<Known>>();
  /** Counts answers that did not come, so that whoever waits behind one need not wait for the next. */
  #outages = 0;
  readonly #underWay = new Map<string, Promise<Known>>();

  constructor(options: IdentitiesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  /**
   * Synchronous while what is remembered is fresh: this runs for every request.
   * @param from address of whoever sent it: tokens not seen before wait for each other, by address
   * @param session of the browser at the hub (its cookie `jupyterhub-session-id`): a logout there changes it, and then the hub
   * is asked at once, as by its own servers
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

  /** Asks the hub now, whatever is remembered. */
  async check(token: string, session?: string): Promise<Known> {
    const key = keyOf(token);
    return this.#ask(key, token, session ?? this.#find(key)?.session ?? "");
  }

  /** Whose token it is, as far as the hub was asked already. */
  userOf(token: string): HubUser | undefined {
    return this.#find(keyOf(token))?.user;
  }

  /**
   * For a token that is not needed to get in: whether it is the hub's at all. One that is not never becomes one, so that
   * the hub is asked once.
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

  /** Strangers choose tokens: those do not take the hub's time from people who are in. */
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

  /** One question at a time for each token and session: what was asked before a logout says nothing about after it. */
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
    // Only these say something about the token; a 404 comes from a wrong address, a 500 from a hub in trouble.
    if (answer.kind === "refused" && (answer.status === 403 || answer.status === 401)) return none({ kind: "invalid" });
    if (answer.kind !== "ok") return none({ kind: "unavailable", reason: answer.reason });
    const user = asHubUser(answer.body);
    if (user === undefined) return none({ kind: "unavailable", reason: "its answer names no user" });
    return { known: decide(user), user };
  }

  #remember(key: string, session: string, access: Entry["access"], user: HubUser | undefined): void {
    this.#admitted.delete(key);
    this.#refused.delete(key);
    const [entries, max] = access.kind === "admitted" ? [this.#admitted, maxAdmitted] : [this.#refused, maxRefusals];
    // The first one is the one that the hub was asked about longest ago.
    entries.set(key, { access, user, session, saidAt: this.#clock(), tryAgainAt: 0 });
    if (entries.size <= max) return;
    const [oldest = ""] = entries.keys();
    entries.delete(oldest);
  }
}

function nameOf(key: string, session: string): string {
  return `${key} ${session}`;
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
