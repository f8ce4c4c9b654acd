import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { GatewayError } from "../base/errors.ts";
import { hashOf } from "../system/password-hash.ts";

/** “waiide hash-password”: prints the hash, and nothing of the password. */
export async function hashPassword(): Promise<void> {
  const password = process.stdin.isTTY
    ? await askSilently("Password: ")
    : (await text(process.stdin)).replace(/\r?\n$/, "");
  if (password === "") throw new GatewayError("USAGE", { reason: "The password is empty." });
  process.stdout.write(`${await hashOf(password)}\n`);
}

/** Without showing what is typed. */
async function askSilently(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await reader.question("");
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}
