import { type Copy, copyFile } from "@waiide/protocol";
import type { Environment } from "../../environment/environment.ts";
import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";
import type { ArchiveEntry } from "./archive-writer.ts";
import { unlessGone, type WalkedFile } from "./copy-walk.ts";

/** Smaller files are packed from memory. Bytes. */
const maxWhole = 4 * 1024 * 1024;

/** What an archive consists of: its description first, then what WAIIDE wrote, then the files as they are now. */
export async function* entriesOf(
  copy: Copy,
  { written }: Pick<Environment, "written">,
  files: readonly WalkedFile[],
  guest: Pick<GuestWorkspace, "open">,
): AsyncGenerator<ArchiveEntry> {
  const made = new Map([[copyFile, `${JSON.stringify(copy, undefined, 2)}\n`], ...written]);
  for (const [path, text] of made) {
    const content = Buffer.from(text);
    yield { path: `${copy.name}/${path}`, size: content.length, modified: Date.now(), isExecutable: false, content };
  }
  for (const { path, from } of files) {
    if (made.has(path)) continue;
    const file = await unlessGone(guest.open(from), false);
    if (file === undefined) continue;
    try {
      const { size, modified, isExecutable } = file;
      const stream = file.stream(0, size - 1);
      const content = size > maxWhole ? stream : Buffer.concat(await stream.toArray());
      yield { path: `${copy.name}/${path}`, size: sizeOf(content, size), modified, isExecutable, content };
    } finally {
      await file.close();
    }
  }
}

/** A file can become shorter while it is read. */
function sizeOf(content: ArchiveEntry["content"], size: number): number {
  return Buffer.isBuffer(content) ? content.length : size;
}
