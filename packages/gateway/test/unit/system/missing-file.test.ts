import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listFolder, unlessMissing } from "../../../src/system/missing-file.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waiide-missing-"));
  await writeFile(join(folder, "file"), "text");
  await symlink("circle", join(folder, "circle"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(["none", "none/below", "file/below", "circle"])("%s is missing", async (name) => {
  expect(await unlessMissing(stat(join(folder, name)))).toBeUndefined();
  expect(await listFolder(join(folder, name, "names"))).toEqual([]);
});

test("what is there is read, and every other failure is thrown", async () => {
  expect(await unlessMissing(readFile(join(folder, "file"), "utf8"))).toBe("text");
  expect((await listFolder(folder)).sort()).toEqual(["circle", "file"]);
  await expect(unlessMissing(readFile(folder))).rejects.toMatchObject({ code: "EISDIR" });
  await expect(unlessMissing(Promise.reject(new Error("no code")))).rejects.toThrow("no code");
});
