import type { Entry, EntryKind, Method, Params, Result } from "@waiide/protocol";
import { beforeEach, expect, it } from "vitest";
import { type ListingSession, Listings } from "../../../src/files/listings.ts";
import { SessionError } from "../../../src/session/session-error.ts";

/** A folder `f`, in pages of two. */
class FakeSession implements ListingSession {
  readonly files = new Map<string, EntryKind>();
  readonly asked: string[] = [];
  failure: SessionError | undefined;
  /** Called before each answer. */
  before = () => {};

  async request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const { path, cursor } = params as Params<"list">;
    this.asked.push(`${method} ${path}`);
    this.before();
    if (this.failure !== undefined) throw this.failure;
    const answer = method === "list" ? this.#page(Number(cursor ?? 0)) : this.#entry(path.slice(2));
    return answer as Result<M>;
  }

  #page(first: number): Result<"list"> {
    const names = [...this.files.keys()];
    const entries = names.slice(first, first + 2).map((name) => this.#entry(name));
    return { entries, next: first + 2 < names.length ? String(first + 2) : null };
  }

  #entry(name: string): Entry {
    const kind = this.files.get(name);
    if (kind === undefined) throw new SessionError("NOT_FOUND", "There is no such file.");
    return { name, kind, size: 0, modified: 0, writable: false };
  }
}

let session: FakeSession;
let listings: Listings;
let now: number;

beforeEach(() => {
  session = new FakeSession();
  for (const name of ["a", "b", "c", "d", "e"]) session.files.set(name, "file");
  now = 0;
  listings = new Listings(session, () => now);
});

async function names(isTold = true): Promise<string> {
  session.asked.length = 0;
  return [...(await listings.list("f", isTold)).keys()].sort().join("");
}

it("after a change only the notified names are requested, not the whole folder", async () => {
  expect([await names(), session.asked]).toEqual(["abcde", ["list f", "list f", "list f"]]);
  session.files.set("x", "folder");
  session.files.delete("b");
  session.files.set("c", "folder");
  listings.told(["f/x", "f/b", "f/c", "other/y"]);
  expect([await names(), session.asked]).toEqual(["acdex", ["stat f/x", "stat f/b", "stat f/c"]]);
  expect((await listings.list("f", true)).get("c")).toBe("folder");
  expect([await names(), session.asked]).toEqual(["acdex", []]);
});

it("a refresh without a change, or after a minute, gets the folder's current content", async () => {
  await names();
  session.files.set("W", "file");
  expect(await names()).toContain("W");
  listings.told(["f/a"]);
  now += 5_001;
  session.files.delete("e");
  expect(await names()).not.toContain("e");
  now += 60_001;
  listings.told(["f/a"]);
  session.files.delete("d");
  expect(await names()).not.toContain("d");
});

it("notifications during a listing or request are not lost", async () => {
  session.before = () => {
    session.before = () => {};
    session.files.set("0", "file");
    session.files.delete("a");
    listings.told(["f/a"]);
  };
  expect(await names()).not.toContain("a");
  listings.told(["f/0"]);
  const first = listings.list("f", true);
  session.files.set("9", "file");
  listings.told(["f/9"]);
  const second = listings.list("f", true);
  await first;
  expect([...(await second).keys()]).toEqual(expect.arrayContaining(["0", "9"]));
});

it("missed changes are listed again, whatever the cause", async () => {
  const isListedAgain = async () => {
    listings.told(["f/a"]);
    await names();
    return session.asked.includes("list f");
  };
  await names(false);
  expect(await isListedAgain()).toBe(true);
  expect(await isListedAgain()).toBe(false);
  listings.forget("f");
  expect(await isListedAgain()).toBe(true);
  listings.forgetAll();
  expect(await isListedAgain()).toBe(true);
  listings.told(Array.from({ length: 51 }, (_, number) => `f/${number}`));
  expect(await isListedAgain()).toBe(true);
  session.failure = new SessionError("FAILED", "Something went wrong.");
  listings.told(["f/a"]);
  await expect(listings.list("f", true)).rejects.toThrow("Something went wrong.");
  session.failure = undefined;
  expect(await isListedAgain()).toBe(true);
});
