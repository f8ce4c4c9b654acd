import { expect, it } from "vitest";
import { seal, unseal } from "../../../../src/share/records/sealing.ts";

const secret = "a-link's-secret-of-32-characters";

it("R4: only the same secret at the same place opens what it sealed", () => {
  const sealed = seal("the token", secret, "link");
  expect(unseal(sealed, secret, "link")).toBe("the token");
  expect(unseal(sealed, `${secret}x`, "link")).toBeUndefined();
  expect(unseal(sealed, secret, "another link")).toBeUndefined();
});

it("R4: it shows nothing, and never looks the same twice", () => {
  const sealed = seal("the token", secret, "link");
  expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("the token");
  expect(seal("the token", secret, "link")).not.toBe(sealed);
});

it("R4: each changed byte is noticed", () => {
  const bytes = Buffer.from(seal("the token", secret, "link"), "base64url");
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(unseal(changed.toString("base64url"), secret, "link")).toBeUndefined();
  }
  expect(unseal("", secret, "link")).toBeUndefined();
  expect(unseal("no base64 ☺", secret, "link")).toBeUndefined();
});
