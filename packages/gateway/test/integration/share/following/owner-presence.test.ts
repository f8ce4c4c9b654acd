import { join } from "node:path";
import type { Person } from "@waiide/protocol";
import { expect, it } from "vitest";
import type { SessionClient } from "../../../support/guest-client.ts";
import { LiveWindow } from "../../../support/live-window.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n", "other.txt": "beta\n", ".env": "KEY=1\n", "src/b.py": "b\n" };
const view = { first: 1, last: 30, selection: [3, 1, 5, 2] };

/** The owner as a guest was last told of them. */
function ownerFor(guest: SessionClient): Person | undefined {
  return peopleOf(guest).find(({ is_owner }) => is_owner);
}

function peopleOf(guest: SessionClient): readonly Person[] {
  return guest.messages.findLast((message) => message.type === "people")?.people ?? [];
}

async function started(request: object = {}) {
  const server = await SharingGateway.start({ files });
  const share = await server.create({ permission: "view", ...request });
  const guest = await (await server.guest(share).enter("Ann")).session();
  const { session } = (await guest.message("welcome")).you;
  const at = (path: string | null, rest: object = {}) => ({
    type: "window-presence",
    path: path === null ? null : join(server.workspace, path),
    ...rest,
  });
  return { server, share, guest, session, at };
}

const inWindow = (window: LiveWindow) =>
  window.messages.findLast((message) => message.type === "window-people")?.people ?? [];

it("R24: guests see the owner, and where, while an IDE of theirs is open", async () => {
  const { server, guest, at } = await started();
  const window = await LiveWindow.open(server);
  await expect.poll(() => ownerFor(guest)).toMatchObject({ session: "owner", path: null });
  window.send(at("src/b.py"));
  await expect.poll(() => ownerFor(guest)?.path).toBe("src/b.py");
  expect(ownerFor(guest)?.name).toBe((await guest.message("welcome")).share.owner);
  window.close();
  await expect.poll(() => ownerFor(guest)).toBeUndefined();
});

it.each([
  ["a hidden file", ".env", {}],
  ["a file outside the scope", "a.txt", { file: "src" }],
  ["another file than the one that is shared", "other.txt", { file: "a.txt" }],
])("R10: guests do not learn of the owner’s place in %s", async (_what, path, request) => {
  const { server, guest, at } = await started(request);
  const window = await LiveWindow.open(server);
  window.send(at(path, { view }));
  await expect.poll(() => ownerFor(guest)).toMatchObject({ path: null, is_elsewhere: true });
  window.send(at(null));
  await expect.poll(() => ownerFor(guest)).not.toHaveProperty("is_elsewhere");
  expect(JSON.stringify(guest.messages)).not.toContain(path);
  expect(JSON.stringify(guest.messages)).not.toContain('"view":{');
});

it("a guest who follows the owner gets what the owner sees, and nobody else does", async () => {
  const { server, share, guest, at } = await started();
  const other = await (await server.guest(share).enter("Ben")).session();
  const window = await LiveWindow.open(server);
  window.send(at("a.txt", { view }));
  await expect.poll(() => ownerFor(other)?.path).toBe("a.txt");
  expect(JSON.stringify(other.messages)).not.toContain('"view":{');
  await guest.ask("presence", { path: null, visible: true, input: false, follows: "owner" });
  await expect.poll(() => inWindow(window)).toContainEqual(expect.objectContaining({ name: "Ann", follows: "owner" }));
  await expect.poll(() => ownerFor(guest)?.view).toEqual(view);
});

it("the owner’s windows hear of guests of all shares, and say whom the owner follows", async () => {
  const { server, guest, session, at } = await started();
  const second = await server.create({ permission: "view", file: "src" });
  const eve = await (await server.guest(second).enter("Eve")).session();
  const window = await LiveWindow.open(server);
  await guest.ask("presence", { path: "a.txt", visible: true, input: false });
  await eve.ask("presence", { path: "src/b.py", visible: true, input: false });
  const places = () => inWindow(window).map(({ name, path }) => [name, path]);
  await expect.poll(places).toEqual([
    ["Ann", join(server.workspace, "a.txt")],
    ["Eve", join(server.workspace, "src/b.py")],
  ]);
  window.send(at(null, { follows: session }));
  await expect.poll(() => ownerFor(guest)?.follows).toBe(session);
  await expect.poll(() => ownerFor(eve)).toBeDefined();
  expect(ownerFor(eve)).not.toHaveProperty("follows");
  expect(JSON.stringify(eve.messages)).not.toContain(session);
});

it("“Follow Me” of the owner reaches guests of that share; a guest’s, the owner", async () => {
  const { server, share, guest, session } = await started();
  const { guest: stranger } = await server.enter({ permission: "view" }, "Eve");
  const eve = await stranger.session();
  const window = await LiveWindow.open(server);
  await window.message("window-people");
  window.send({ type: "window-invite", share: share.id });
  window.send({ type: "window-invite", share: share.id });
  expect(await guest.message("invited")).toMatchObject({ session: "owner" });
  await guest.ask("invite", {});
  expect(await window.message("window-invited")).toMatchObject({ share: share.id, session, name: "Ann" });
  await eve.ask("stat", { path: "a.txt" });
  const count = (client: SessionClient) => client.messages.filter(({ type }) => type === "invited").length;
  expect([count(guest), count(eve)]).toEqual([1, 0]);
});

it("what a window says right after its greeting counts", async () => {
  const { server, guest, session, at } = await started();
  const window = await LiveWindow.open(server);
  // Nothing has to be looked up for it, as there has for the greeting.
  window.send(at(null, { follows: session }));
  await expect.poll(() => ownerFor(guest)?.follows).toBe(session);
});

it("R12: of a selection the owner’s lines are not told, whoever follows", async () => {
  const { server, guest, at } = await started({ file: "a.txt", line: 1, col: 0, end_line: 1, end_col: 2 });
  const window = await LiveWindow.open(server);
  await guest.ask("presence", { path: "a.txt", visible: true, input: false, follows: "owner" });
  window.send(at("a.txt", { view }));
  await expect.poll(() => ownerFor(guest)?.path).toBe("a.txt");
  expect(ownerFor(guest)).not.toHaveProperty("view");
});

it("R16: Terminal Access guests and the owner see and follow each other in their IDEs", async () => {
  const { server, at } = await started();
  const { share, guest } = await server.enter({ permission: "terminal" }, "Eve");
  const eve = LiveWindow.over(guest.socket("api/live"));
  await eve.hello(server.workspace);
  const owner = await LiveWindow.open(server);
  owner.send(at("a.txt", { view }));
  await expect
    .poll(() => inWindow(eve).map(({ is_owner, path }) => [is_owner, path]))
    .toEqual([[true, join(server.workspace, "a.txt")]]);
  eve.send(at("src/b.py", { follows: "owner" }));
  const named = (name: string) => inWindow(owner).find((person) => person.name === name);
  await expect.poll(() => named("Eve")).toMatchObject({ path: join(server.workspace, "src/b.py"), follows: "owner" });
  await expect.poll(() => inWindow(eve)[0]?.view).toEqual(view);
  owner.send({ type: "window-invite", share: share.id });
  expect(await eve.message("window-invited")).toMatchObject({ session: "owner" });
  eve.send({ type: "window-invite", share: share.id });
  expect(await owner.message("window-invited")).toMatchObject({ share: share.id, name: "Eve" });
  // Nobody of the other share is here.
  expect(JSON.stringify(eve.messages)).not.toContain("Ann");
});
