import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guestName } from "../../../src/index.ts";

describe("R17: a guest's name", () => {
  it.each([
    ["Bob", "Bob"],
    ["  Anne-Marie  O'Neill Jr. ", "Anne-Marie O'Neill Jr."],
    ["Jürgen_2 日本", "Jürgen_2 日本"],
    ["[x](command:workbench.action.terminal.new)", "xcommandworkbench.action.terminal.new"],
    ["<img src=x onerror=alert(1)>", "img srcx onerroralert1"],
    ["a\u202eb\u0000c\nd", "abcd"],
    ["$(shield) admin", "shield admin"],
    ["", "Guest"],
    ["…", "Guest"],
    ["- _ .", "Guest"],
    ["x".repeat(100), "x".repeat(40)],
  ])("%j becomes %j", (given, shown) => {
    expect(guestName(given)).toBe(shown);
  });

  it("is only letters, digits, space and -_.' and reads the same again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (given) => {
        const name = guestName(given);
        expect(name).toMatch(/^[\p{L}\p{M}\p{Nd} \-_.']{1,40}$/u);
        expect(guestName(name)).toBe(name);
      }),
    );
  });
});
