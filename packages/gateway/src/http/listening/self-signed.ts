import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { dirname } from "node:path";
import { reasonOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Timer } from "../../base/timer.ts";
import { unlessMissing } from "../../system/missing-file.ts";
import type { TlsTexts } from "../http-server.ts";

const day = 24 * 60 * 60_000;
/** Browsers accept no longer one (CA/Browser Forum, Apple). */
const life = 397 * day;
const renewedBefore = 30 * day;

export interface SelfSignedOptions {
  /** Holds certificate and key. */
  readonly file: string;
  /** Host names and addresses that it is for; `*.` stands for one label. */
  readonly names: readonly string[];
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * A certificate of our own for HTTPS, made on demand. It is the same at each start, so that a browser's exception and a compared
 * fingerprint stay good, until it is about to expire or does not have all names.
 */
export class SelfSignedCertificate {
  readonly #options: SelfSignedOptions;
  readonly #clock: () => number;
  readonly #timer = new Timer();
  readonly #users: ((texts: TlsTexts) => void)[] = [];
  #pem: Buffer;
  #isKept: boolean;

  private constructor(options: SelfSignedOptions, pem: Buffer, isKept: boolean) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#pem = pem;
    this.#isKept = isKept;
  }

  /** Reads the last one, or makes one. Writes no file, so that a gateway that cannot start leaves nothing. */
  static async open(options: SelfSignedOptions): Promise<SelfSignedCertificate> {
    const now = (options.clock ?? Date.now)();
    const last = await unlessMissing(readFile(options.file)).catch((error: unknown) => {
      options.logger.warn({ file: options.file, reason: reasonOf(error) }, "the last certificate cannot be read");
      return undefined;
    });
    if (last !== undefined && isGood(last, options.names, now)) return new SelfSignedCertificate(options, last, true);
    return new SelfSignedCertificate(options, await make(options.names, now), false);
  }

  get texts(): TlsTexts {
    return { cert: this.#pem, key: this.#pem };
  }

  /** SHA-256, as browsers show it. */
  get fingerprint(): string {
    return new X509Certificate(this.#pem).fingerprint256;
  }

  /** @param use gets the certificate that takes the place of this one */
  onRenewal(use: (texts: TlsTexts) => void): void {
    this.#users.push(use);
  }

  /** Keeps it for the next start, and renews it before it expires. */
  async start(): Promise<void> {
    if (!this.#isKept) await this.#keep();
    this.#arm();
  }

  close(): void {
    this.#timer.stop();
  }

  /** Makes a new one if this one is about to expire. */
  async renew(): Promise<void> {
    const { names, logger } = this.#options;
    if (isGood(this.#pem, names, this.#clock())) return;
    this.#pem = await make(names, this.#clock());
    await this.#keep();
    logger.info({ fingerprint: this.fingerprint }, "the certificate was renewed");
    for (const use of this.#users) use(this.texts);
  }

  #arm(): void {
    this.#timer.set(day, () => {
      this.renew()
        .catch((error: unknown) => this.#options.logger.error({ err: error }, "the certificate was not renewed"))
        .finally(() => this.#arm());
    });
  }

  /** Where that fails, only the next start has another one. */
  async #keep(): Promise<void> {
    const { file, logger } = this.#options;
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(`${file}.${process.pid}`, this.#pem, { mode: 0o600 });
      await rename(`${file}.${process.pid}`, file);
      this.#isKept = true;
    } catch (error) {
      logger.warn(
        { file, reason: reasonOf(error) },
        "the certificate cannot be kept: the next start makes another one",
      );
    }
  }
}

/** What does not parse is no good. */
function isGood(pem: Buffer, names: readonly string[], now: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const isWhole = certificate.checkPrivateKey(createPrivateKey(pem));
    const lasts = Date.parse(certificate.validTo) - now > renewedBefore;
    return isWhole && lasts && names.every((name) => covers(certificate, name));
  } catch {
    return false;
  }
}

function covers(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  const entries = (certificate.subjectAltName ?? "").split(", ");
  return entries.includes(`DNS:${name}`);
}

/** Certificate and key in one text. The library is loaded on demand: few need it. */
async function make(names: readonly string[], now: number): Promise<Buffer> {
  const { generate } = await import("selfsigned");
  const altNames = names.map((name) =>
    isIP(name) === 0 ? ({ type: 2, value: name } as const) : ({ type: 7, ip: name } as const),
  );
  const { cert, private: key } = await generate([{ name: "commonName", value: "WAIIDE" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // Clocks of browsers may be slow.
    notBeforeDate: new Date(now - day),
    notAfterDate: new Date(now - day + life),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames },
    ],
  });
  return Buffer.from(`${cert.trim()}\n${key.trim()}\n`);
}
