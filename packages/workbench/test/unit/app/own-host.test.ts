import { expect, it, onTestFinished, vi } from "vitest";
import { entersOwnHost, ownAddress } from "../../../src/app/own-host.ts";
import type { Session } from "../../../src/session/session.ts";
import { SessionError } from "../../../src/session/session-error.ts";

const own = "https://0a.apps.example.net/";

function sessionWith(answer: () => Promise<{ ticket: string }>): Session {
  return { request: answer } as unknown as Session;
}

/** @param answers whether each request in turn is accepted */
function browserWith(answers: readonly boolean[]) {
  const left = [...answers];
  const fetched = vi.fn(
    async (_address: URL, _options: RequestInit) => new Response(null, { status: left.shift() ? 204 : 403 }),
  );
  vi.stubGlobal("fetch", fetched);
  onTestFinished(() => void vi.unstubAllGlobals());
  return fetched;
}

it("R35: the page brings a ticket to the app's host, and asks whether the cookie was kept", async () => {
  const fetched = browserWith([true, true]);
  expect(
    await entersOwnHost(
      sessionWith(async () => ({ ticket: "t" })),
      own,
    ),
  ).toBe(true);
  expect(
    fetched.mock.calls.map(([address, { method, body, credentials }]) => [address.href, method, body, credentials]),
  ).toEqual([
    ["https://0a.apps.example.net/~waiide/enter", "POST", "t", "include"],
    ["https://0a.apps.example.net/~waiide/enter", undefined, undefined, "include"],
  ]);
});

it.each([
  ["the host refuses the ticket", [false]],
  ["the browser does not keep the cookie", [true, false]],
])("R35: the app is shown sealed where %s", async (_why, answers) => {
  browserWith(answers);
  expect(
    await entersOwnHost(
      sessionWith(async () => ({ ticket: "t" })),
      own,
    ),
  ).toBe(false);
});

it("R35: the app is shown sealed where the host is not reached, or no ticket is given", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(
    await entersOwnHost(
      sessionWith(async () => ({ ticket: "t" })),
      own,
    ),
  ).toBe(false);
  const refused = sessionWith(() => Promise.reject(new SessionError("DENIED", "no")));
  expect(await entersOwnHost(refused, own)).toBe(false);
});

it.each([
  ["", "", "/"],
  ["a/b?c=1", "", "/a/b?c=1"],
  ["a", "#open=d%3Fe%3D1%23f", "/d?e=1#f"],
  ["a", "#open=https%3A%2F%2Fevil.example%2F", "/https://evil.example/"],
  ["a", "#open=%2F%2Fevil.example", "/evil.example"],
])("R35: the frame begins at %j with %j in the address: %s", (path, hash, place) => {
  expect(ownAddress({ path }, own, hash)).toBe(`https://0a.apps.example.net/~waiide/open#${encodeURIComponent(place)}`);
  const told = ownAddress({ path }, `${own}user/ada/apps/lab/`, hash);
  expect(told).toBe(`https://0a.apps.example.net/~waiide/open#${encodeURIComponent(`/user/ada/apps/lab${place}`)}`);
});
