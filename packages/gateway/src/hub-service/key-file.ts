import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { hasCode } from "../base/error-code.ts";
import { unusableBecause } from "./settings.ts";

/** Reads the key that signs orders: Ed25519, PEM. @throws GatewayError HUB_SERVICE_UNUSABLE */
export function readKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== "ed25519") throw new Error("it has no Ed25519 key");
    return key;
  } catch (error) {
    throw unusableBecause(`the key in ${file} cannot be used`, error);
  }
}

/** Makes it where there is none, for its owner's eyes alone. Two that do so at once end with the same key. */
export function readOrMakeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync("ed25519");
  try {
    writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) {
      throw unusableBecause(`the key file ${file} cannot be made`, error);
    }
  }
  return readKey(file);
}
