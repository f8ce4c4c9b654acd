import type { IncomingMessage } from "node:http";
import { afterEach, expect, it, vi } from "vitest";
import { LoginCookie } from "../../../src/access/login-cookie.ts";

const create = (key = "key") => new LoginCookie(key, 8070, "/");
const withCookie = (cookie = "") => ({ headers: { cookie: cookie.split(";")[0] } }) as IncomingMessage;
const day = 24 * 3600 * 1_000;

afterEach(() => void vi.useRealTimers());

it("a cookie that was accepted before still ends after thirty days", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const cookie = create();
  const request = withCookie(cookie.login("http"));
  expect(cookie.isIn(request)).toBe(true);
  vi.setSystemTime(Date.now() + 29 * day);
  expect(cookie.isIn(request)).toBe(true);
  vi.setSystemTime(Date.now() + 2 * day);
  expect(cookie.isIn(request)).toBe(false);
});

it("a cookie that was accepted before still ends with its logout", () => {
  const cookie = create();
  const request = withCookie(cookie.login("http"));
  expect([cookie.isIn(request), cookie.isIn(request)]).toEqual([true, true]);
  cookie.logout(request, "http");
  expect(cookie.isIn(request)).toBe(false);
});

it("a changed cookie is refused, also where the true one was accepted", () => {
  const cookie = create();
  const value = cookie.login("http").split(";")[0] ?? "";
  expect(cookie.isIn(withCookie(value))).toBe(true);
  const later = value.replace(/=(\d+)/, (_whole, issued: string) => `=${Number(issued) + 1}`);
  for (const changed of [later, value.slice(0, -1), `${value}A`, value.replaceAll(".", ""), `${cookie.name}=`]) {
    expect([cookie.isIn(withCookie(changed)), cookie.isIn(withCookie(changed))], changed).toEqual([false, false]);
  }
  expect(cookie.isIn(withCookie(create("another").login("http")))).toBe(false);
});
