import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { PasswordAuthentication } from "../../../src/access/password-authentication.ts";

/** Of “correct horse”; it needs little memory. */
const hash = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$3j0+S6gGV20Zdm+eoztdkLUvOKbucBG7gA8asDqV4P8";

const create = (key = Buffer.alloc(32, 1)) => new PasswordAuthentication({ hash, key, port: 8070, baseUrl: "/x/" });
const withCookie = (cookie = "") => ({ headers: { cookie: cookie.split(";")[0] } }) as IncomingMessage;

it("the right password logs in, and its cookie lasts as long as the key", async () => {
  const login = create();
  expect(await login.verify("correct horse", "10.0.0.1")).toBeUndefined();
  const request = withCookie(login.loginCookie("https"));
  expect(login.authenticate(request)).toMatchObject({ kind: "admitted", by: "cookie" });
  expect(create().isLoggedIn(request)).toBe(true);
  expect(create(Buffer.alloc(32, 2)).isLoggedIn(request)).toBe(false);
  expect(login.authenticate(withCookie())).toEqual({ kind: "unknown" });
  expect(login.logoutCookie(withCookie(), "https")).toMatch(/Max-Age=0/);
});

it("a logout ends that login, also where its cookie is kept, and no other", () => {
  const login = create();
  const [one, other] = [withCookie(login.loginCookie("http")), withCookie(login.loginCookie("http"))];
  login.logoutCookie(one, "http");
  expect([one, other].map((request) => login.isLoggedIn(request))).toEqual([false, true]);
});

it("a wrong one is refused; after ten, none from that address is checked", async () => {
  const login = create();
  const wrong = await Promise.all(Array.from({ length: 10 }, () => login.verify("battery staple", "10.0.0.1")));
  expect(wrong.map((error) => error?.code)).toEqual(Array(10).fill("PASSWORD_WRONG"));
  expect(await login.verify("correct horse", "10.0.0.1")).toMatchObject({ code: "PASSWORD_PAUSED", status: 429 });
  expect(await login.verify("correct horse", "10.0.0.2")).toBeUndefined();
});

it("the right password forgets the wrong ones before it", async () => {
  const login = create();
  for (const password of ["a", "b", "correct horse"]) await login.verify(password, "10.0.0.1");
  const wrong = await Promise.all(Array.from({ length: 10 }, () => login.verify("c", "10.0.0.1")));
  expect(wrong.map((error) => error?.code)).toEqual(Array(10).fill("PASSWORD_WRONG"));
});

it("many at once from one address are not all checked", async () => {
  const login = create();
  const all = await Promise.all(Array.from({ length: 30 }, () => login.verify("battery staple", "10.0.0.1")));
  expect(all.filter((error) => error?.code === "PASSWORD_WRONG").length).toBeLessThanOrEqual(10);
});
