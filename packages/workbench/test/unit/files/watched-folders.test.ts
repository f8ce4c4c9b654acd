import { expect, it } from "vitest";
import { folderOf, WatchedFolders } from "../../../src/files/watched-folders.ts";

class FakeSession {
  readonly watched = new Set<string>();
  refused = false;

  watch(path: string): () => void {
    this.watched.add(path);
    return () => this.watched.delete(path);
  }

  async isTold(path: string): Promise<boolean> {
    return !this.refused && this.watched.has(path);
  }
}

it("R14: watches the hundred folders that were used last, and those of open files", async () => {
  const session = new FakeSession();
  const folders = new WatchedFolders(
    session,
    (folder) => folder === "open",
    () => {},
  );
  await folders.use("open");
  for (let number = 0; number < 100; number++) await folders.use(`folder ${number}`);
  expect([session.watched.size, session.watched.has("open"), session.watched.has("folder 0")]).toEqual([
    100,
    true,
    false,
  ]);
  await folders.use("folder 1");
  await folders.use("one more");
  expect([session.watched.has("folder 1"), session.watched.has("folder 2")]).toEqual([true, false]);
});

it("a folder that is gone is not watched until it is used again", async () => {
  const session = new FakeSession();
  const ended: string[] = [];
  const folders = new WatchedFolders(
    session,
    () => false,
    (folder) => ended.push(folder),
  );
  await folders.use("gone");
  folders.forget("gone");
  expect(session.watched.size).toBe(0);
  session.refused = true;
  expect(await folders.use("refused")).toBe(false);
  expect(session.watched.size).toBe(0);
  expect(ended).toEqual(["gone", "refused"]);
  session.refused = false;
  expect(await folders.use("refused")).toBe(true);
  expect([...session.watched]).toEqual(["refused"]);
});

it("knows the folder of a path", () => {
  expect(["a/b/c.py", "c.py", ""].map(folderOf)).toEqual(["a/b", "", ""]);
});
