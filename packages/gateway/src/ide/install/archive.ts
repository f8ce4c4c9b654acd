import { mkdir } from "node:fs/promises";
import { extract } from "tar";

/**
 * Unpacks a .tar, .tar.gz or .tgz into a folder, which is made. An archive with entries that would land outside it is
 * refused. Times are those of unpacking: npm's archives say 1985 for every file.
 * @param wanted which paths of the archive to unpack; default all
 */
export async function unpack(archive: string, to: string, wanted?: (path: string) => boolean): Promise<void> {
  await mkdir(to, { recursive: true });
  await extract({
    file: archive,
    cwd: to,
    noMtime: true,
    preserveOwner: false,
    strict: true,
    ...(wanted && { filter: wanted }),
  });
}
