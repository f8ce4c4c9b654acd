import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";

export interface ExtensionIdentity {
  /** `publisher.name`, in lower case: VS Code compares ids so. */
  readonly id: string;
  readonly version: string;
}

const manifestName = "extension/package.json";
const maxManifestSize = 16 * 1024 * 1024;
/** A zip's end record is 22 bytes and a comment of at most 65535 (APPNOTE.TXT 4.3.16). */
const endRecordReach = 22 + 65535;

/** Which extension a .vsix holds: a zip with `extension/package.json`. Throws if it is none. */
export async function readVsixIdentity(path: string): Promise<ExtensionIdentity> {
  const file = await open(path);
  try {
    const read = async (position: number, length: number) => {
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await file.read(buffer, 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    const { size } = await file.stat();
    return identityOf(JSON.parse((await readManifest(read, size)).toString("utf8")));
  } finally {
    await file.close();
  }
}

type Read = (position: number, length: number) => Promise<Buffer>;

async function readManifest(read: Read, size: number): Promise<Buffer> {
  const tail = await read(Math.max(0, size - endRecordReach), Math.min(size, endRecordReach));
  const end = tail.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0 || end + 22 > tail.length) throw new Error("not a zip file");
  const directory = await read(tail.readUInt32LE(end + 16), Math.min(tail.readUInt32LE(end + 12), maxManifestSize));
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50; ) {
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    if (name === manifestName) return readEntry(read, directory.subarray(at, at + 46));
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  throw new Error(`no ${manifestName} in it`);
}

async function readEntry(read: Read, entry: Buffer): Promise<Buffer> {
  const method = entry.readUInt16LE(10);
  const compressed = entry.readUInt32LE(20);
  const start = entry.readUInt32LE(42);
  if (compressed > maxManifestSize) throw new Error(`${manifestName} is too large`);
  const header = await read(start, 30);
  const data = await read(start + 30 + header.readUInt16LE(26) + header.readUInt16LE(28), compressed);
  if (method === 0) return data;
  if (method === 8) return promisify(inflateRaw)(data, { maxOutputLength: maxManifestSize }) as Promise<Buffer>;
  throw new Error(`${manifestName} is compressed in an unknown way`);
}

function identityOf(manifest: unknown): ExtensionIdentity {
  const { publisher, name, version } = (manifest ?? {}) as Record<string, unknown>;
  if (typeof publisher !== "string" || typeof name !== "string" || typeof version !== "string") {
    throw new Error(`${manifestName} names no publisher, name and version`);
  }
  return { id: `${publisher}.${name}`.toLowerCase(), version };
}
