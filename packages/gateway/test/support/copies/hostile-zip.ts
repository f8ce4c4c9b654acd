import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntryText {
  readonly name: string | Buffer;
  readonly text?: string | Buffer;
  /** Type and permissions, as Unix writes them. */
  readonly mode?: number;
  /** What the directory claims, in place of the true length. */
  readonly claims?: number;
  readonly isEncrypted?: boolean;
}

/** A zip whose directory says whatever a test wants, also the same name twice. */
export function hostileZip(entries: readonly ZipEntryText[]): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name: given, text = "", mode = 0o100644, claims, isEncrypted = false } of entries) {
    const name = Buffer.from(given);
    const content = Buffer.from(text);
    const data = deflateRawSync(content);
    // Names are in UTF-8 (APPNOTE.TXT 4.4.4).
    const flags = 0x800 | (isEncrypted ? 1 : 0);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(8, 8);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    // Made by Unix: the upper half of the attributes is the mode.
    central.writeUInt16LE(0x0314, 4);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(crc32(content), 16);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(claims ?? content.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    locals.push(local, name, data);
    directory.push(central, name);
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}
