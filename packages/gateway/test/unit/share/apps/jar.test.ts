import { describe, expect, it } from "vitest";
import { GuestJar } from "../../../../src/share/apps/jar.ts";

describe("R31: an app's cookies in a guest's jar", () => {
  it("scripts see a cookie, and the app gets it back", () => {
    const jar = new GuestJar();
    expect(jar.keep("_xsrf=abc; Path=/; SameSite=Strict", "/a/b")).toEqual({ _xsrf: "abc" });
    expect(jar.header("/c?x=/")).toBe("_xsrf=abc");
    expect(jar.readable("/")).toEqual({ _xsrf: "abc" });
  });

  it("HttpOnly is not in the page", () => {
    const jar = new GuestJar();
    expect(jar.keep("login=1; HttpOnly; Path=/", "/")).toEqual({});
    expect(jar.readable("/")).toEqual({});
    expect(jar.header("/")).toBe("login=1");
    jar.keepFromScript("login=2", "/");
    jar.keepFromScript("new=1; HttpOnly", "/");
    expect(jar.header("/")).toBe("login=1");
  });

  it("Domain=, Path=/, Secure and waiide-named cookies of an app stay in the jar", () => {
    const jar = new GuestJar();
    jar.keep("a=1; Domain=hub.example.org; Path=/", "/deep/page");
    jar.keep("waiide-abc=2; Path=/; Secure", "/");
    jar.keep("__Host-c=3; Path=/; Secure", "/");
    expect(jar.header("/x").split("; ").sort()).toEqual(["__Host-c=3", "a=1", "waiide-abc=2"]);
  });

  it("a cookie goes to its path alone", () => {
    const jar = new GuestJar();
    jar.keep("deep=1", "/a/b");
    expect(jar.header("/a/c")).toBe("deep=1");
    expect(jar.header("/b")).toBe("");
  });

  it("a deleted cookie is gone, and the page is told", () => {
    const jar = new GuestJar();
    jar.keep("a=1; Path=/", "/");
    expect(jar.keep("a=; Path=/; Max-Age=0", "/")).toEqual({ a: null });
    expect(jar.header("/")).toBe("");
    jar.keepFromScript("b=2; path=/", "/");
    jar.keepFromScript("b=2; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT", "/");
    expect(jar.readable("/")).toEqual({});
  });

  it("R14: a jar holds at most 50 cookies of 4 kB", () => {
    const jar = new GuestJar();
    for (let index = 0; index < 60; index += 1) jar.keep(`c${index}=1; Path=/`, "/");
    jar.keep(`long=${"x".repeat(5_000)}; Path=/`, "/");
    expect(Object.keys(jar.readable("/"))).toHaveLength(50);
    expect(jar.keep("c3=2; Path=/", "/")).toEqual({ c3: "2" });
  });

  it("two guests have two jars", () => {
    const [one, other] = [new GuestJar(), new GuestJar()];
    one.keep("a=1; Path=/", "/");
    expect(other.header("/")).toBe("");
  });
});
