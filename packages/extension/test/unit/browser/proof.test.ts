import { afterEach, expect, test, vi } from "vitest";
import { Proof } from "../../../src/browser/page/proof.ts";

const mount = "https://hub.example/user/ada/ide/";
const proof = new Proof(mount, "secret");

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["wss://hub.example/user/ada/ide/stable-c0ffee?a=1", "wss://hub.example/user/ada/ide/~page-secret/stable-c0ffee?a=1"],
  ["wss://hub.example/user/ada/ide/~page-secret/stable?a", "wss://hub.example/user/ada/ide/~page-secret/stable?a"],
  ["wss://hub.example/user/ada/proxy/3000/", "wss://hub.example/user/ada/proxy/3000/"],
  ["wss://hub.example/user/bob/ide/x", "wss://hub.example/user/bob/ide/x"],
  ["wss://other.example/user/ada/ide/x", "wss://other.example/user/ada/ide/x"],
])("R5: %s is opened as %s", (address, opened) => {
  expect(proof.inAddress(address)).toBe(opened);
});

test("R5: only requests below the mount carry the proof, and keep what they had", async () => {
  const sent: Request[] = [];
  const send = vi.fn(async (input: RequestInfo | URL, options?: RequestInit) => {
    sent.push(input instanceof Request ? input : new Request(input, options));
    return new Response();
  });
  vi.stubGlobal("window", { fetch: send });
  vi.stubGlobal("document", { baseURI: mount });
  proof.showWithFetch();
  const own = { method: "POST", headers: { "X-Own": "1" } };
  await window.fetch(`${mount}mint-key`, own);
  await window.fetch(new Request(`${mount}x`, own));
  await window.fetch("https://other.example/x", own);
  await window.fetch("https://hub.example/user/ada/proxy/3000/", own);
  expect(sent.map(({ headers }) => headers.get("x-waiide-page"))).toEqual(["secret", "secret", null, null]);
  expect(sent.map(({ headers, method }) => [headers.get("x-own"), method])).toEqual(Array(4).fill(["1", "POST"]));
});
