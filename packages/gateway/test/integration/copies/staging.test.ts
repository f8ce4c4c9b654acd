import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { Staging, type StagingLimits } from "../../../src/copies/staging.ts";
import { type ZipEntryText, zipOfEntries } from "../../support/zip.ts";

const run = promisify(execFile);
const limits: StagingLimits = { archive: 1_000_000, size: 1_000_000, entries: 1_000 };
const never = new AbortController().signal;

/** A folder with a file of the recipient's; what a test adds to it is removed. */
function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "waiide-staging-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "mine.txt"), "mine\n");
  return folder;
}

async function stage(folder: string, zip: Buffer, more: Partial<StagingLimits> = {}): Promise<Staging> {
  const staging = await Staging.make(join(folder, ".waiide-copy-1"), { ...limits, ...more });
  onTestFinished(() => staging.remove());
  await staging.receive(oneByOne(zip), never);
  return staging;
}

async function* oneByOne(zip: Buffer) {
  for (let at = 0; at < zip.length; at += 1_000) yield zip.subarray(at, at + 1_000);
}

/** What the place holds after a refusal, once the staging is gone. */
async function refused(entries: readonly ZipEntryText[] | Buffer, reason: RegExp, more: Partial<StagingLimits> = {}) {
  const folder = place();
  const zip = Buffer.isBuffer(entries) ? entries : zipOfEntries(entries);
  const staging = await stage(folder, zip, more);
  await expect(staging.unpack("tides", never)).rejects.toThrow(reason);
  await staging.remove();
  expect(readdirSync(folder)).toEqual(["mine.txt"]);
}

describe("R29: a copy grows beside its place", () => {
  it("and gets its name when it is whole", async () => {
    const folder = place();
    const zip = zipOfEntries([
      { name: "tides/waiide-copy.json", text: "{}" },
      { name: "tides/src/run.sh", text: "echo hi\n", mode: 0o106777 },
      { name: "tides/README.md", text: "# Tides\n" },
      { name: "tides/out", text: "/etc/passwd", mode: 0o120777 },
    ]);
    const staging = await stage(folder, zip);
    const { plan, setAside } = await staging.unpack("tides", never);
    expect(readdirSync(folder).sort()).toEqual([".waiide-copy-1", "mine.txt"]);
    await staging.settle(join(folder, "tides"));
    await staging.remove();
    expect(readdirSync(folder).sort()).toEqual(["mine.txt", "tides"]);
    expect(readdirSync(join(folder, "tides"), { recursive: true }).sort()).toEqual([
      ...["README.md", "src", "src/run.sh", "waiide-copy.json"],
    ]);
    expect(readFileSync(join(folder, "tides/README.md"), "utf8")).toBe("# Tides\n");
    expect(statSync(join(folder, "tides/src/run.sh")).mode & 0o7777 & ~0o022).toBe(0o755);
    expect(statSync(join(folder, "tides/README.md")).mode & 0o111).toBe(0);
    expect([plan.leftOut, setAside]).toEqual([["out"], []]);
  });

  it("tasks that would start when the folder opens lie under another name", async () => {
    const folder = place();
    const task = (text: string, path = "tides/.vscode/tasks.json") => ({ name: path, text });
    const staging = await stage(
      folder,
      zipOfEntries([
        task('{ /* hm */ "tasks": [{"runOptions": {"runOn": "folderOpen"}}] }'),
        task('{"tasks": [{"runOptions": {"run\\u004fn": "folderOpen"}}] }', "tides/a/.vscode/tasks.json"),
        task('{"tasks": [{"label": "build"}]}', "tides/b/.vscode/tasks.json"),
        task('{"tasks": {"tasks": [{"runOptions": {"runOn": "folderOpen"}}]}}', "tides/x.code-workspace"),
        task("mine", "tides/x.code-workspace.copied"),
      ]),
    );
    const { setAside } = await staging.unpack("tides", never);
    expect([...setAside].sort()).toEqual([
      ".vscode/tasks.json.copied",
      "a/.vscode/tasks.json.copied",
      "x.code-workspace.copied.copied",
    ]);
    expect(existsSync(join(staging.files, ".vscode/tasks.json"))).toBe(false);
    expect(existsSync(join(staging.files, "b/.vscode/tasks.json"))).toBe(true);
    expect(readFileSync(join(staging.files, "x.code-workspace.copied"), "utf8")).toBe("mine");
  });
});

describe("R29: nothing is left of what is refused", () => {
  it.each<[string, ZipEntryText[], RegExp]>([
    [
      "leads out of it",
      [
        { name: "tides/ok", text: "1" },
        { name: "tides/../../x", text: "1" },
      ],
      /invalid relative path/,
    ],
    ["is absolute", [{ name: "/tmp/x", text: "1" }], /absolute path/],
    ["lies outside", [{ name: "mine.txt", text: "theirs" }], /outside of its folder/],
    [
      "is written through a link",
      [{ name: "tides/a", text: "/tmp", mode: 0o120777 }, { name: "tides/a/../../x" }],
      /relative/,
    ],
    ["is git's hook", [{ name: "tides/.git/hooks/post-checkout", text: "x", mode: 0o100755 }], /git/],
    ["is a FIFO", [{ name: "tides/a", mode: 0o010644 }], /neither a file/],
    ["is a device", [{ name: "tides/a", mode: 0o020644 }], /neither a file/],
    ["is there twice", [{ name: "tides/a" }, { name: "tides/a" }], /twice/],
    ["has a newline", [{ name: "tides/a\nb" }], /cannot be shown/],
    ["has a backslash", [{ name: "tides/a\\b" }], /invalid characters/],
    ["is encrypted", [{ name: "tides/a", isEncrypted: true }], /encrypted/],
    ["is longer than it says", [{ name: "tides/a", text: "x".repeat(500), claims: 10 }], /damaged|longer/],
    ["is shorter than it says", [{ name: "tides/a", text: "x", claims: 500 }], /damaged|shorter/],
  ])("where a file of it %s", (_what, entries, reason) => refused(entries, reason));

  it("a bomb: its directory says more than fits, or it grows beyond what it says", async () => {
    await refused([{ name: "tides/a", text: Buffer.alloc(2_000_000) }], /more than 0 MB/);
    await refused([{ name: "tides/a", text: Buffer.alloc(2_000_000), claims: 1_000 }], /damaged|longer/);
  });

  it("too many files, damaged or cut archives, and what is none", async () => {
    const many = Array.from({ length: 20 }, (_, at) => ({ name: `tides/${at}` }));
    await refused(many, /more than 10 files/, { entries: 10 });
    const whole = zipOfEntries([{ name: "tides/a", text: "alpha\n".repeat(1_000) }]);
    await refused(whole.subarray(0, whole.length - 30), /damaged/);
    await refused(Buffer.from("<html>"), /damaged/);
    const flipped = Buffer.from(whole);
    flipped[45] = 255 - (flipped[45] ?? 0);
    await refused(flipped, /damaged|shorter|longer/);
  });

  it("an archive that is larger than it may be, cut as it comes", async () => {
    const folder = place();
    const staging = await Staging.make(join(folder, ".waiide-copy-1"), { ...limits, archive: 5_000 });
    await expect(staging.receive(oneByOne(Buffer.alloc(20_000)), never)).rejects.toThrow(/larger than/);
    expect(staging.received).toBeLessThan(8_000);
    await staging.remove();
    expect(readdirSync(folder)).toEqual(["mine.txt"]);
  });

  it("where the place is taken meanwhile: by a file, a folder with files, or a link", async () => {
    const folder = place();
    const target = join(folder, "tides");
    const staging = await stage(folder, zipOfEntries([{ name: "tides/a", text: "theirs" }]));
    await staging.unpack("tides", never);
    writeFileSync(target, "mine");
    await expect(staging.settle(target)).rejects.toThrow(/something at/);
    expect(readFileSync(target, "utf8")).toBe("mine");
    rmSync(target);
    mkdirSync(target);
    writeFileSync(join(target, "a"), "mine");
    await expect(staging.settle(target)).rejects.toThrow(/something at/);
    expect(readFileSync(join(target, "a"), "utf8")).toBe("mine");
    rmSync(target, { recursive: true });
    symlinkSync(join(folder, "nowhere"), target);
    await expect(staging.settle(target)).rejects.toThrow(/something at/);
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });

  it("where it is canceled as it unpacks", async () => {
    const folder = place();
    const stop = new AbortController();
    const staging = await stage(folder, zipOfEntries([{ name: "tides/a", text: "alpha" }, { name: "tides/b" }]));
    stop.abort(new Error("stopped"));
    await expect(staging.unpack("tides", stop.signal)).rejects.toThrow();
    await staging.remove();
    expect(readdirSync(folder)).toEqual(["mine.txt"]);
  });

  it("where the disk is full: before it unpacks, and as it comes", async () => {
    const folder = place();
    const small = join(folder, "small");
    mkdirSync(small);
    const isMounted = await run("mount", ["-t", "tmpfs", "-o", "size=20m,mode=0700", "tmpfs", small]).then(
      () => true,
      () => false,
    );
    // Where mounting is not allowed, no disk of a test is full.
    if (!isMounted) return;
    onTestFinished(async () => void (await run("umount", ["-l", small])));
    const roomy = { archive: 100_000_000, size: 1_000_000_000 };
    const staging = await stage(small, zipOfEntries([{ name: "tides/a", text: Buffer.alloc(10_000_000) }]), roomy);
    await expect(staging.unpack("tides", never)).rejects.toMatchObject({ code: "COPY_DISK_FULL" });
    await staging.remove();
    expect(readdirSync(small)).toEqual([]);
    const other = await Staging.make(join(small, ".waiide-copy-2"), { ...limits, ...roomy });
    const large = oneByOne(Buffer.alloc(30_000_000));
    await expect(other.receive(large, never)).rejects.toMatchObject({ code: "COPY_DISK_FULL" });
    await other.remove();
    expect(readdirSync(small)).toEqual([]);
  });
});
