import type { MovedFiles } from "@waiide/protocol";
import { beforeEach, expect, it, vi } from "vitest";
import type { FileDeleteEvent, FileRenameEvent } from "vscode";

/** What VS Code reports. */
const reports = vi.hoisted(() => ({
  renamed: (_event: object) => {},
  deleted: (_event: object) => {},
}));

vi.mock("vscode", () => ({
  Disposable: { from: () => ({ dispose: () => undefined }) },
  workspace: {
    onDidRenameFiles: (listener: (event: FileRenameEvent) => void) => Object.assign(reports, { renamed: listener }),
    onDidDeleteFiles: (listener: (event: FileDeleteEvent) => void) => Object.assign(reports, { deleted: listener }),
  },
}));
const { MovedFilesTold } = await import("../../../src/comments/moved-files.ts");

const file = (fsPath: string) => ({ scheme: "file", fsPath });
const rename = (from: string, to: string) => reports.renamed({ files: [{ oldUri: file(from), newUri: file(to) }] });

let told: MovedFiles["moves"];
const moved = vi.fn();
beforeEach(() => {
  told = [];
  moved.mockReset().mockImplementation(async ({ moves }: MovedFiles) => {
    // An answer that takes longer than the next report.
    await Promise.resolve();
    told.push(...moves);
  });
});

it("tells what the IDE renames and deletes, in order, also after a failure", async () => {
  new MovedFilesTold({ moved }, () => true);
  moved.mockRejectedValueOnce(new Error("the gateway restarts"));
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  rename("/w/lost.py", "/w/found.py");
  rename("/w/a.py", "/w/b.py");
  rename("/w/src", "/w/lib");
  reports.deleted({ files: [file("/w/b.py"), { scheme: "untitled", fsPath: "x" }] });
  await vi.waitFor(() => expect(told).toHaveLength(3));
  expect(told).toEqual([
    { from: "/w/a.py", to: "/w/b.py" },
    { from: "/w/src", to: "/w/lib" },
    { from: "/w/b.py", to: null },
  ]);
});

it("tells nothing while nothing is shared", async () => {
  new MovedFilesTold({ moved }, () => false);
  rename("/w/a.py", "/w/b.py");
  await Promise.resolve();
  expect(moved).not.toHaveBeenCalled();
});
