import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { type Entry, open, type ZipFile } from "yauzl";
import { hasCode } from "../../base/error-code.ts";
import { reasonOf } from "../../base/errors.ts";
import { CopyRefusal } from "../refusal.ts";
import { type ArchiveEntry, type ArchiveLimits, type Plan, type PlannedFile, planOf } from "./entry-rules.ts";

interface ZipEntry extends ArchiveEntry {
  readonly zip: Entry;
}

export interface UnpackOptions {
  readonly archive: string;
  /** The folder that the files get; it must not exist. */
  readonly to: string;
  /** The folder in the archive in which everything lies. */
  readonly top: string;
  readonly limits: ArchiveLimits;
  readonly signal: AbortSignal;
  /** Called before anything is written. */
  readonly onPlan?: (plan: Plan) => Promise<void>;
}

/**
 * Unpacks a stranger's archive. Its directory is judged as a whole before the first file is written; no file is followed,
 * replaced or given more rights than reading, writing and, for programs, running.
 * @throws CopyRefusal, and errors of the disk
 */
export async function unpackArchive(options: UnpackOptions): Promise<Plan> {
  const zip = await refusing(openZip(options.archive));
  try {
    const plan = planOf(await refusing(entriesOf(zip, options.limits.entries)), options.top, options.limits);
    await options.onPlan?.(plan);
    await mkdir(options.to, { mode: 0o755 });
    // A folder comes after the one that it lies in.
    for (const folder of [...plan.folders].sort()) await mkdir(join(options.to, folder), { mode: 0o755 });
    for (const file of plan.files) await writeFile(zip, file, options);
    return plan;
  } finally {
    zip.close();
  }
}

function openZip(archive: string): Promise<ZipFile> {
  const { promise, resolve, reject } = Promise.withResolvers<ZipFile>();
  // Our own rules judge names: the library's would decode and refuse them one by one.
  open(
    archive,
    { lazyEntries: true, autoClose: false, strictFileNames: true, validateEntrySizes: true },
    (error, zip) => (error ? reject(error) : resolve(zip)),
  );
  return promise;
}

function entriesOf(zip: ZipFile, max: number): Promise<ZipEntry[]> {
  const { promise, resolve, reject } = Promise.withResolvers<ZipEntry[]>();
  const entries: ZipEntry[] = [];
  if (zip.entryCount > max) return Promise.reject(new CopyRefusal(`it has more than ${max} files`));
  zip.on("entry", (entry: Entry) => {
    entries.push({
      zip: entry,
      name: entry.fileName,
      size: entry.uncompressedSize,
      mode: entry.externalFileAttributes >>> 16,
      isEncrypted: entry.isEncrypted(),
    });
    zip.readEntry();
  });
  zip.once("end", () => resolve(entries));
  zip.once("error", reject);
  zip.readEntry();
  return promise;
}

async function writeFile(zip: ZipFile, file: PlannedFile, { to, signal }: UnpackOptions): Promise<void> {
  const { entry, path, isProgram } = file as PlannedFile<ZipEntry>;
  const read = await refusing(promisify(zip.openReadStream.bind(zip))(entry.zip) as Promise<NodeJS.ReadableStream>);
  const target = join(to, path);
  // `wx`: whatever lies there, also a link, is not opened.
  const output = createWriteStream(target, { flags: "wx", mode: isProgram ? 0o755 : 0o644 });
  await refusing(pipeline(read, exactly(entry.size), output, { signal }));
}

/** The sizes in a zip are claims: more than it says is never written. */
function exactly(size: number): Transform {
  let left = size;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      done(left < 0 ? new CopyRefusal("a file in it is longer than it says") : null, chunk);
    },
    flush: (done) => done(left > 0 ? new CopyRefusal("a file in it is shorter than it says") : null),
  });
}

/** What the zip's reader complains about is the archive's fault; codes of the system are the disk's. */
async function refusing<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CopyRefusal || isOfSystem(error)) throw error;
    throw new CopyRefusal(`its archive is damaged (${reasonOf(error).slice(0, 200)})`, { cause: error });
  }
}

function isOfSystem(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return "syscall" in error || error.name === "AbortError" || hasCode(error, "ABORT_ERR");
}
