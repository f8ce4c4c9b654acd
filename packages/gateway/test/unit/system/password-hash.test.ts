import { expect, it } from "vitest";
import { hashFault, hashOf, isPassword } from "../../../src/system/password-hash.ts";

/** Made by argon2-cffi, which the reference implementation is in; it needs little memory. */
const known = "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$PoyrYmvWDvVeM2Ra/Fbjhequh4DaM1GW";

it("checks hashes that other programs made", async () => {
  expect(hashFault(known)).toBeUndefined();
  expect(await isPassword("password", known)).toBe(true);
  expect(await isPassword("Password", known)).toBe(false);
  expect(await isPassword("", known)).toBe(false);
});

it("makes hashes with a salt of their own that it accepts itself", async () => {
  const [first, second] = [await hashOf("héllo"), await hashOf("héllo")];
  expect(first).not.toBe(second);
  expect(hashFault(first)).toBeUndefined();
  expect(await isPassword("héllo", first)).toBe(true);
  expect(await isPassword("hello", first)).toBe(false);
});

it.each([
  ["password"],
  ["$2b$12$abcdefghijklmnopqrstuv"],
  [known.replace("v=19", "v=16")],
  [known.replace("m=256", "m=9999999")],
  [known.replace("t=2", "t=0")],
  [known.replace("m=256", "m=8")],
  [`${known}$`],
])("%s is no hash that it checks", (text) => {
  expect(hashFault(text)).toBeTypeOf("string");
});
