import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntryText {
  readonly name: string | Buffer;
  readonly text?: string | Buffer;
  /** Type and permissions, as Unix writes them. */
  readonly mode?: number;
  /** What the zip claims, in place of the true length. */
  readonly claims?: number;
  readonly isEncrypted?: boolean;
}

interface ZipOptions {
  /** 0: stored; 8: deflated. */
  readonly method?: 0 | 8;
  readonly comment?: string;
}

/** A zip of these files, which programs such as unzip read, too. */
export function zipOf(files: Readonly<Record<string, string>>, method: 0 | 8 = 8, comment = ""): Buffer {
  return zipOfEntries(
    Object.entries(files).map(([name, text]) => ({ name, text })),
    { method, comment },
  );
}

/** A zip that says whatever a test wants, also the same name twice (APPNOTE.TXT 4.3). */
export function zipOfEntries(entries: readonly ZipEntryText[], { method = 8, comment = "" }: ZipOptions = {}): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.text ?? "");
    const data = method === 8 ? deflateRawSync(content) : content;
    const about = commonHeader(entry, { method, name, content, data });
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), about, name, data]);
    const central = Buffer.alloc(46);
    central.write("PK\x01\x02", "latin1");
    // Made by Unix: the upper half of the attributes is the mode.
    central.writeUInt16LE(0x0314, 4);
    about.copy(central, 6);
    central.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    locals.push(local);
    directory.push(central, name);
    offset += local.length;
  }
  return Buffer.concat([...locals, ...directory, endRecord(entries.length, directory, offset, comment)]);
}

/** What stands in front of a file and in the directory: 26 bytes, from the version that it needs to the length of the comment. */
function commonHeader(
  { claims, isEncrypted = false }: ZipEntryText,
  { method, name, content, data }: { method: number; name: Buffer; content: Buffer; data: Buffer },
): Buffer {
  const about = Buffer.alloc(26);
  about.writeUInt16LE(20, 0);
  // Names are in UTF-8 (APPNOTE.TXT 4.4.4).
  about.writeUInt16LE(0x800 | (isEncrypted ? 1 : 0), 2);
  about.writeUInt16LE(method, 4);
  // The first day that the format knows: the 1st of January 1980.
  about.writeUInt16LE((1 << 5) | 1, 8);
  about.writeUInt32LE(crc32(content), 10);
  about.writeUInt32LE(data.length, 14);
  about.writeUInt32LE(claims ?? content.length, 18);
  about.writeUInt16LE(name.length, 22);
  return about;
}

function endRecord(count: number, directory: readonly Buffer[], offset: number, comment: string): Buffer {
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([end, Buffer.from(comment)]);
}
