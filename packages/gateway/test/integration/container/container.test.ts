import { chmod, chown, lchown, link, lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerOf, TestContainer } from "./container.ts";

/** Containers start as root; everything here is about what root does, so other users skip it. */
const isRoot = process.getuid?.() === 0;

/** As the image's user, as Kubernetes with fsGroup 100 starts it, and as OpenShift does. */
const asUser = ["setpriv", "--reuid=1000", "--regid=100", "--clear-groups"];
const asAnybody = ["setpriv", "--reuid=1000710000", "--regid=0", "--clear-groups"];
/** Root as in docs/docker.md, with few capabilities. */
const hardenedRoot = ["setpriv", "--bounding-set=-all,+chown,+setuid,+setgid,+kill"];

let container: TestContainer;

beforeEach(async () => {
  container = await TestContainer.create();
});
afterEach(() => container.close());

describe.runIf(isRoot)("R4: started as root", () => {
  it("makes the user's home, becomes its user for good, and enters it in passwd", async () => {
    const entered = await container.enter();
    expect(entered).toMatchObject({ uid: 1000, gid: 100, groups: [100], wrote: true });
    expect(entered).toMatchObject({ home: container.home(), folder: container.home(), host: expect.any(String) });
    for (const name of ["", "workspace", ".jupyter", ".WAIIDE-server", "made-later"]) {
      expect(await ownerOf(join(container.home(), name)), name).toMatch(/^1000:100 /);
    }
    const passwd = await readFile(join(container.root, "passwd"), "utf8");
    expect(passwd).toBe(`calliope:x:1000:100::${container.home()}:/bin/bash\n`);
    expect(await readdir(join(container.root, "tmp"))).toEqual([]);
  });

  it("gives the user everything in the home, and follows no link out of it", async () => {
    const home = await container.makeHome("alice", 0, 0, 0o755);
    await mkdir(join(home, "a", "b"), { recursive: true });
    await writeFile(join(home, "a/b/file"), "x");
    const outside = join(container.root, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "secret"), "x");
    await symlink(outside, join(home, "folder-link"));
    await symlink(join(outside, "secret"), join(home, "a/file-link"));
    await symlink("nowhere", join(home, "a/dangling"));
    await lchown(join(home, "a/dangling"), 5, 5);
    await container.enter();
    for (const name of ["", "a", "a/b", "a/b/file", "folder-link", "a/file-link", "a/dangling"]) {
      expect(await ownerOf(join(home, name)), name).toMatch(/^1000:100 /);
    }
    expect(await ownerOf(outside)).toBe("0:0 755");
    expect(await ownerOf(join(outside, "secret"))).toBe("0:0 644");
  });

  it("walks through 100,000 files once; a second start checks only the home", async () => {
    const home = await container.makeHome("alice", 0, 0, 0o755);
    await mkdir(join(home, "many"));
    await writeFile(join(home, "many/0"), "");
    // Links of one file would be one owner; these are 100,000 entries to look at, and 101 files.
    for (let folder = 1; folder <= 100; folder += 1) {
      const path = join(home, "many", `folder-${folder}`);
      await mkdir(path);
      await writeFile(join(path, "0"), "");
      await Promise.all(Array.from({ length: 999 }, (_none, file) => link(join(path, "0"), join(path, `${file + 1}`))));
    }
    expect((await container.enter()).wrote).toBe(true);
    for (const name of ["many", "many/0", "many/folder-50/999"]) {
      expect(await ownerOf(join(home, name)), name).toMatch(/^1000:100 /);
    }
    // What shows that nothing was looked at: it stays as it is.
    await chown(join(home, "many/0"), 0, 0);
    const entered = await container.enter();
    expect(entered).toMatchObject({ uid: 1000, wrote: true });
    expect(await ownerOf(join(home, "many/0"))).toMatch(/^0:0 /);
  });

  it("takes up a handover that was interrupted: the home itself is given last", async () => {
    const home = await container.makeHome("alice", 0, 0, 0o755);
    await mkdir(join(home, "done"));
    await chown(join(home, "done"), 1000, 100);
    await writeFile(join(home, "done/left"), "");
    await container.enter();
    expect(await ownerOf(join(home, "done/left"))).toMatch(/^1000:100 /);
  });

  it("leaves mounts in the home alone, except WAIIDE's own folders", async () => {
    const home = await container.makeHome("alice", 0, 0, 0o755);
    const course = join(container.root, "course");
    const work = join(container.root, "work");
    for (const folder of [course, work, join(home, "course"), join(home, "workspace")]) await mkdir(folder);
    await writeFile(join(course, "data"), "");
    await writeFile(join(work, "file"), "");
    const bind = (from: string, to: string) => `mount --bind ${from} ${join(home, to)}`;
    await container.enter({ mounts: `${bind(course, "course")}; ${bind(work, "workspace")}` });
    expect(await ownerOf(course)).toBe("0:0 755");
    expect(await ownerOf(join(course, "data"))).toBe("0:0 644");
    expect(await ownerOf(work)).toBe("1000:100 755");
    expect(await ownerOf(join(work, "file"))).toBe("1000:100 644");
  });

  it("needs no power over files: homes and folders of others that only they may read", async () => {
    const home = await container.makeHome("alice", 1234, 1234, 0o700);
    await mkdir(join(home, "private"), { mode: 0o700 });
    await writeFile(join(home, "private/file"), "x");
    for (const name of ["private", "private/file"]) await chown(join(home, name), 1234, 1234);
    await mkdir(join(home, "mine"), { mode: 0o700 });
    await chown(join(home, "mine"), 1000, 100);
    const entered = await container.enter({ by: hardenedRoot });
    expect(entered).toMatchObject({ uid: 1000, wrote: true });
    expect(entered.warnings?.filter((warning) => warning.includes("could be given"))).toEqual([]);
    for (const name of ["", "private", "private/file", "mine", "workspace"]) {
      expect(await ownerOf(join(home, name)), name).toMatch(/^1000:100 /);
    }
    // The next one finds a home that root may not even look into.
    expect(await container.enter({ by: hardenedRoot })).toMatchObject({ uid: 1000, wrote: true });
  });

  it("says what is wrong if it may not drop root or change owners", async () => {
    const kept = await container.enter({ by: ["setpriv", "--bounding-set=-setuid,-setgid"] });
    expect(kept).toMatchObject({ code: "ROOT_NOT_DROPPED" });
    // A file system that takes root for nobody (root_squash) refuses in the same way.
    const home = await container.makeHome("bob", 1000, 1000, 0o755);
    await writeFile(join(home, "file"), "");
    const by = ["setpriv", "--bounding-set=-chown,-dac_override,-dac_read_search"];
    const squashed = await container.enter({ by, environment: { JUPYTERHUB_USER: "bob" } });
    expect(squashed).toMatchObject({ uid: 1000, wrote: true });
    expect(squashed.warnings).toContain(
      `Not everything in ${home} could be given to user 1000 (${join(home, "file")}: EPERM).`,
    );
    await container.makeHome("carol", 1234, 1234, 0o700);
    const foreign = await container.enter({ by, environment: { JUPYTERHUB_USER: "carol" } });
    expect(foreign).toMatchObject({ code: "HOME_UNUSABLE", uid: 1000 });
    expect(foreign.message).toContain("permission denied (EACCES), for user 1000");
  });

  it("opens a home that is full or read-only, with the IDE's data elsewhere", async () => {
    await container.makeHome("alice", 1000, 100, 0o755);
    const home = container.home();
    const owned = `chown 1000:100 ${home}`;
    const full = `mount -t tmpfs -o size=64k tmpfs ${home}; ${owned}; cat /dev/zero >${home}/big 2>/dev/null || true`;
    const readOnly = `mount -t tmpfs tmpfs ${home}; ${owned}; mount -o remount,ro ${home}`;
    for (const mounts of [full, readOnly]) {
      const entered = await container.enter({ mounts });
      expect(entered).toMatchObject({ uid: 1000, home, folder: home, data: join(container.root, "tmp/spare") });
      expect(entered.warnings?.join("\n")).toMatch(/cannot be written \(.*(ENOSPC|EROFS).*lost when this server stops/);
      expect(await ownerOf(join(container.root, "tmp/spare"))).toBe("1000:100 700");
      // “waiide health” and “doctor” ask that server, too.
      const asking = await container.enter({ argv: ["health"], mounts });
      expect(asking).toMatchObject({ uid: 1000, data: join(container.root, "tmp/spare"), warnings: [] });
    }
    expect(await container.enter()).toMatchObject({ wrote: true });
    expect(await readdir(join(container.root, "tmp"))).toEqual([]);
    // The administrator's choice stays.
    const chosen = { JUPYTERHUB_USER: "alice", WAIIDE_DATA_DIR: "/elsewhere" };
    expect(await container.enter({ mounts: full, environment: chosen })).toMatchObject({ data: "/elsewhere" });
  });

  it("says so if the home cannot be created, or is not a folder", async () => {
    const homes = join(container.root, "homes");
    const entered = await container.enter({
      mounts: `mount --bind ${homes} ${homes}; mount -o remount,bind,ro ${homes}`,
    });
    expect(entered).toMatchObject({ code: "HOME_UNUSABLE" });
    expect(entered.message).toContain("read-only");
    await symlink("/root", container.home("bob"));
    const linked = await container.enter({ environment: { JUPYTERHUB_USER: "bob" } });
    expect(linked).toMatchObject({ code: "HOME_UNUSABLE" });
    expect((await lstat("/root")).uid).toBe(0);
  });

  it("refuses names that are no folder's before it does anything", async () => {
    for (const name of ["..", "../../outside", "a/b"]) {
      expect(await container.enter({ environment: { JUPYTERHUB_USER: name } })).toMatchObject({
        code: "USER_NAME_REFUSED",
        uid: 0,
      });
    }
    expect(await readdir(join(container.root, "homes"))).toEqual([]);
  });

  it("other commands only become the user: they make and change nothing", async () => {
    expect(await container.enter({ argv: ["health"] })).toMatchObject({ code: "HOME_UNUSABLE", uid: 1000 });
    expect(await readdir(join(container.root, "homes"))).toEqual([]);
    await container.makeHome("alice", 1000, 100, 0o700);
    const entered = await container.enter({ argv: ["doctor"] });
    expect(entered).toMatchObject({ uid: 1000, groups: [100], home: container.home(), folder: "/" });
    expect(await readdir(container.home())).toEqual(["made-later"]);
    for (const argv of [["--version"], ["ide", "install"]]) {
      expect(await container.enter({ argv })).toMatchObject({ uid: 0, folder: "/" });
    }
  });
});

describe.runIf(isRoot)("R4: started as somebody else", () => {
  it("as user 1000 in a home of group 100, as fsGroup makes it", async () => {
    await container.makeHome("alice", 0, 100, 0o2775);
    const entered = await container.enter({ by: asUser });
    expect(entered).toMatchObject({ uid: 1000, gid: 100, home: container.home(), wrote: true });
    expect(await ownerOf(join(container.home(), "workspace"))).toBe("1000:100 2755");
    expect(await readFile(join(container.root, "passwd"), "utf8")).toContain(":/home/calliope:");
  });

  it("as any user of group 0 without an entry in passwd, as OpenShift does", async () => {
    await container.makeHome("alice", 0, 0, 0o2775);
    const entered = await container.enter({ by: asAnybody, environment: { JUPYTERHUB_USER: "alice", HOME: "/" } });
    expect(entered).toMatchObject({ uid: 1000710000, gid: 0, home: container.home(), wrote: true });
    expect(await ownerOf(join(container.home(), ".WAIIDE-server"))).toBe("1000710000:0 2755");
  });

  it("takes the home that the container has where the user's own is missing", async () => {
    await container.makeHome("calliope", 1000, 0, 0o775);
    const entered = await container.enter({ by: asAnybody });
    expect(entered).toMatchObject({ home: container.home("calliope"), wrote: true });
    expect(entered.warnings).toContain(
      `There is no ${container.home()}: the home folder is ${container.home("calliope")}.`,
    );
    expect(entered.warnings?.at(-1)).toContain("is lost with the container");
  });

  it("says what is wrong if it is missing or another user's", async () => {
    const missing = await container.enter({ by: asUser });
    expect(missing).toMatchObject({ code: "HOME_UNUSABLE" });
    expect(missing.message).toContain("permission denied (EACCES), for user 1000");
    await container.makeHome("alice", 1234, 1234, 0o700);
    expect(await container.enter({ by: asUser })).toMatchObject({ code: "HOME_UNUSABLE" });
    await chmod(container.home(), 0o755);
    const readable = await container.enter({ by: asUser });
    expect(readable).toMatchObject({ home: container.home(), wrote: false, data: join(container.root, "tmp/spare") });
  });
});
