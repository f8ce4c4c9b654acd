import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readKey, readOrMakeKey } from "../../../src/hub-service/key-file.ts";
import { publicKeyText } from "../../../src/share/hub-link/orders.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waiide-key-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("R4: a key is created once, private to its user, and stays", () => {
  const file = join(folder, "key");
  const made = publicKeyText(readOrMakeKey(file));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, "utf8");
  expect(publicKeyText(readOrMakeKey(file))).toBe(made);
  expect(publicKeyText(readKey(file))).toBe(made);
  expect(made).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(readFileSync(file, "utf8")).toBe(text);
});

it("a file without such a key is named, and unchanged", () => {
  const file = join(folder, "key");
  writeFileSync(file, "no key");
  expect(() => readOrMakeKey(file)).toThrow(expect.objectContaining({ code: "HUB_SERVICE_UNUSABLE" }));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }));
  expect(() => readKey(file)).toThrow(/no Ed25519 key/);
  expect(() => readKey(join(folder, "none"))).toThrow(/cannot be used/);
  expect(() => readOrMakeKey(join(folder, "none", "key"))).toThrow(/cannot be made/);
});
