import { beforeEach, expect, it, vi } from "vitest";
import type { FileDecorationProvider } from "vscode";
import { fake } from "../../support/fake-vscode.ts";

/** What VS Code's explorer and tabs would ask, and were told. */
const explorer = vi.hoisted(() => ({
  provider: undefined as FileDecorationProvider | undefined,
  told: [] as string[][],
}));

vi.mock("vscode", async () => {
  const { vscode } = await import("../../support/fake-vscode.ts");
  const registerFileDecorationProvider = (provider: FileDecorationProvider) => {
    explorer.provider = provider;
    provider.onDidChangeFileDecorations?.((uris) => explorer.told.push([uris ?? []].flat().map(({ path }) => path)));
    return { dispose: () => undefined };
  };
  return { ...vscode, window: { ...vscode.window, registerFileDecorationProvider } };
});
const { Uri } = await import("vscode");
const { Badges } = await import("../../../src/browser/live/badges.ts");

beforeEach(() => {
  fake.folder = "/folder";
  explorer.told = [];
});

const noToken = { isCancellationRequested: false, onCancellationRequested: vi.fn() };
const badgeOf = (path: string) => explorer.provider?.provideFileDecoration(Uri.parse(`file://${path}`), noToken);

const bob = { session: "s1", name: "Bob" };
const carol = { session: "s2", name: "Carol" };

it("a file that is not live has a badge for who looks at it, the owner as well", () => {
  const shown = new Badges();
  shown.showLooking([
    { session: "owner", name: "Ada", path: "/folder/plan.ipynb" },
    { ...bob, path: null },
  ]);
  expect(badgeOf("/folder/plan.ipynb")).toMatchObject({ badge: "Ad", tooltip: "In this file now: Ada" });
  expect(badgeOf("/folder/other.ipynb")).toBeUndefined();
  shown.showLooking([{ session: "owner", name: "Ada", path: "/folder/other.ipynb" }]);
  expect(badgeOf("/folder/plan.ipynb")).toBeUndefined();
  expect(explorer.told).toEqual([["/folder/plan.ipynb"], ["/folder/plan.ipynb", "/folder/other.ipynb"]]);
});

it("who has a live file open and looks at it counts once", () => {
  const shown = new Badges();
  shown.showLive("/folder/a.py", [
    { person: bob.session, name: bob.name },
    { person: carol.session, name: carol.name },
  ]);
  shown.showLooking([{ ...bob, path: "/folder/a.py" }]);
  expect(badgeOf("/folder/a.py")).toMatchObject({ badge: "2" });
  shown.showLive("/folder/a.py", []);
  expect(badgeOf("/folder/a.py")).toMatchObject({ badge: "Bo" });
  shown.clear();
  expect(badgeOf("/folder/a.py")).toBeUndefined();
});
