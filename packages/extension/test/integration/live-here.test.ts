import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import type * as Vscode from "vscode";
import { readRunningRecord } from "../../../gateway/src/control/control-server.ts";
import type { GuestClient } from "../../../gateway/test/support/guest-client.ts";
import { LiveGuest } from "../../../gateway/test/support/live-guest.ts";
import { LiveWindow } from "../../../gateway/test/support/live-window.ts";
import { SharingGateway } from "../../../gateway/test/support/sharing-gateway.ts";
import { type FakeDocument, fake } from "../support/fake-vscode.ts";

vi.mock("vscode", async () => (await import("../support/fake-vscode.ts")).vscode);
const { liveHere } = await import("../../src/live-here/live-here.ts");
const { LiveStart } = await import("../../src/live-here/live-start.ts");

/** The owner's window, in whose host live editing runs, and a guest's page. */
interface Together {
  readonly server: SharingGateway;
  readonly guest: GuestClient;
  readonly bob: LiveGuest;
  readonly socket: string;
  readonly document: FakeDocument;
  readonly live: Vscode.Disposable;
  readonly path: (name: string) => string;
}

afterEach(() => fake.reset());

async function started(files: Record<string, string> = { "a.txt": "one\n", "b.txt": "two\n" }): Promise<Together> {
  const server = await SharingGateway.start({ files });
  const { guest } = await server.enter({ permission: "edit" }, "Bob");
  const bob = await LiveGuest.open(guest, "a.txt");
  const socket = (await readRunningRecord(server.dataFolder))?.socket ?? "";
  fake.folder = server.workspace;
  const path = (name: string) => join(server.workspace, name);
  const document = fake.open(path("a.txt"));
  const live = liveHere(socket);
  onTestFinished(() => live.dispose());
  await isBound(document, bob);
  return { server, guest, bob, socket, document, live, path };
}

/** The owner types until the guest has it: the file is bound. */
async function isBound(document: FakeDocument, guest: LiveGuest, mark = "#"): Promise<void> {
  document.type([document.getText().length, mark]);
  await guest.until(({ text }) => text.includes(mark));
}

/** Both show the same text. */
const agreed = async (document: FakeDocument, guest: LiveGuest, text: string) => {
  await expect.poll(() => document.getText()).toBe(text);
  await guest.until((one) => one.text === text);
};

it("R24: where the page runs no extensions, the one on the server takes part", async () => {
  const { bob, document, socket } = await started();
  bob.type(0, "bob\n");
  await agreed(document, bob, "bob\none\n#");
  bob.save();
  await bob.isSaved();
  expect(document.isDirty).toBe(false);
  expect(document.failedSaves).toBe(0);

  // Where the page has a worker, that one takes part, and no other.
  const here = vi.fn(() => liveHere(socket));
  const worker = vi.fn();
  const registration = (await import("vscode")).commands.registerCommand("waiide.live.start", worker);
  new LiveStart(here).start();
  await expect.poll(() => worker.mock.calls.length).toBe(1);
  expect(here).not.toHaveBeenCalled();
  registration.dispose();
  const start = new LiveStart(here);
  onTestFinished(() => start.dispose());
  start.start();
  await expect.poll(() => here.mock.calls.length).toBe(1);
});

it("R24: two windows of one owner write in one file", async () => {
  const { server, bob, document, path } = await started();
  const other = await LiveWindow.open(server);
  await other.bind(path("a.txt"), "one\n");
  await other.until(() => other.text === document.getText());
  other.type(0, "other\n");
  document.type([document.getText().length, "this\n"]);
  await bob.until(({ text }) => text.includes("other") && text.includes("this"));
  await agreed(document, bob, "other\none\n#this\n");
  await other.until(() => other.text === document.getText());
});

it("R24: a tab that is closed with “Don't Save” keeps guests' text", async () => {
  const { bob, document, path } = await started();
  bob.type(0, "bob\n");
  await agreed(document, bob, "bob\none\n#");
  fake.close(document);
  await bob.isSaved();
  expect(bob.text).toBe("bob\none\n#");
  expect(readFileSync(path("a.txt"), "utf8")).toBe("bob\none\n#");
});

it("R24: Revert is an edit of the owner's, which undo takes back", async () => {
  const { bob, document } = await started();
  bob.type(0, "bob\n");
  await agreed(document, bob, "bob\none\n#");
  document.read();
  await agreed(document, bob, "one\n");
  await fake.run("undo");
  await agreed(document, bob, "bob\none\n#");
});

it("R24: an edit of several files at once, as a rename makes it, reaches each", async () => {
  const { guest, bob, document, path } = await started();
  const ben = await LiveGuest.open(guest, "b.txt");
  const second = fake.open(path("b.txt"));
  await isBound(second, ben);
  // The first is a background tab by now.
  for (const one of [document, second]) one.type([0, "renamed ", 3]);
  await bob.until(({ text }) => text === "renamed \n#");
  await ben.until(({ text }) => text === "renamed \n#");
  bob.type(0, "bob ");
  await agreed(document, bob, "bob renamed \n#");
});

it("R24: what was not acknowledged before a reload of the page is there once", async () => {
  const { bob, document, live, socket } = await started();
  bob.type(0, "bob\n");
  await agreed(document, bob, "bob\none\n#");
  document.type([document.getText().length, "last words"]);
  live.dispose();
  // VS Code kept the unsaved text; what it was made from, the new window does not know.
  const again = liveHere(socket);
  onTestFinished(() => again.dispose());
  await agreed(document, bob, "bob\none\n#last words");
  await isBound(document, bob, "!");
  expect(bob.text).toBe("bob\none\n#last words!");
});

it("R24: what a completion or an extension inserts is the owner's, to write and undo", async () => {
  const { bob, document } = await started();
  document.type([0, "def f():"], [8, "\n    return 1"], [21, "\n"]);
  await bob.until(({ text }) => text.startsWith("def f():\n    return 1\n"));
  expect(bob.messages.flatMap((one) => (one.type === "live-changes" ? one.changes : [])).at(-1)?.person).toBe("owner");
  await fake.run("undo");
  await bob.until(({ text }) => text === "one\n#");
  expect(document.builtInUndos).toBe(0);
});

it("R24: undo leaves text put inside mine; redo works after edits of others", async () => {
  const { bob, document } = await started();
  document.type([0, "mine "]);
  await bob.until(({ text }) => text.startsWith("mine one"));
  bob.type(2, "BOB");
  await agreed(document, bob, "miBOBne one\n#");
  // By key and by the menu, it is the same command.
  await fake.run("undo");
  await agreed(document, bob, "BOBone\n#");
  bob.type(0, "0");
  await agreed(document, bob, "0BOBone\n#");
  await fake.run("redo");
  await bob.until(({ text }) => text.includes("mi") && text.includes("ne one"));
  await fake.run("waiide.live.undo");
  await agreed(document, bob, "0BOBone\n#");
  expect(document.builtInUndos).toBe(0);
});

it("R24: undo after a checkout does not undo the checkout", async () => {
  const { bob, document, path } = await started();
  bob.save();
  await bob.isSaved();
  writeFileSync(path("a.txt"), "checked out\n");
  document.read();
  await agreed(document, bob, "checked out\n");
  await fake.run("undo");
  expect(document.builtInUndos).toBe(0);
  await isBound(document, bob, "!");
  document.type([0, "?"]);
  await bob.until(({ text }) => text === "?checked out\n!");
  await fake.run("undo");
  await agreed(document, bob, "checked out\n!");
});

it("R24: VS Code's own undo is back in files that are not live", async () => {
  const { bob, document, path } = await started();
  await isBound(document, bob, "!");
  const other = fake.open(path("b.txt"));
  await fake.run("undo");
  expect(other.builtInUndos).toBe(1);
  fake.open(path("a.txt"));
  await fake.run("undo");
  await agreed(document, bob, "one\n#");
  expect(document.builtInUndos).toBe(0);
});

it("R24: without auto save, unsaved is said where it is true", async () => {
  const { bob, document, path } = await started();
  bob.type(0, "bob\n");
  await agreed(document, bob, "bob\none\n#");
  expect(document.isDirty).toBe(true);
  expect(bob.saved).toBeLessThan(bob.client.rev);
  expect(readFileSync(path("a.txt"), "utf8")).toBe("one\n");
  await document.save();
  await bob.isSaved();
  expect(document.isDirty).toBe(false);
  bob.type(0, "more\n");
  await agreed(document, bob, "more\nbob\none\n#");
  bob.save();
  await bob.isSaved();
  expect(document.isDirty).toBe(false);
  expect(readFileSync(path("a.txt"), "utf8")).toBe("more\nbob\none\n#");
  expect([document.failedSaves, fake.messages]).toEqual([0, []]);
});
