import type { Person, View } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import type { SessionClient } from "../../../support/guest-client.ts";
import { SharingGateway } from "../../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n", ".env": "KEY=1\n", "src/b.py": "b\n" };
const view: View = { first: 1, last: 30, selection: [3, 1, 5, 2] };
const here = { visible: true, input: false };

/** A guest as another one was last told of them. */
function seen(by: SessionClient, session: string): Person | undefined {
  const people = by.messages.findLast((message) => message.type === "people")?.people;
  return people?.find((person) => person.session === session);
}

async function two(request: { file?: string } = {}) {
  const server = await SharingGateway.start({ files });
  const share = await server.create({ permission: "view", ...request });
  const [ann, ben] = [
    await (await server.guest(share).enter("Ann")).session(),
    await (await server.guest(share).enter("Ben")).session(),
  ];
  const [annId, benId] = [(await ann.message("welcome")).you.session, (await ben.message("welcome")).you.session];
  return { server, ann, ben, annId, benId };
}

describe("guests who follow each other", () => {
  it("see where the other is, and the other sees who follows", async () => {
    const { ann, ben, annId, benId } = await two();
    await ben.ask("presence", { path: null, ...here, follows: annId });
    await expect.poll(() => seen(ann, benId)?.follows).toBe(annId);
    await ann.ask("presence", { path: "a.txt", ...here, view });
    await expect.poll(() => seen(ben, annId)).toMatchObject({ path: "a.txt", view });
    await ann.ask("presence", { path: "a.txt", ...here });
    await expect.poll(() => seen(ben, annId)).not.toHaveProperty("view");
    await ben.ask("presence", { path: null, ...here });
    await expect.poll(() => seen(ann, benId)).not.toHaveProperty("follows");
  });

  it.each([
    ["a hidden file", ".env", {}],
    ["a file outside the scope", "a.txt", { file: "src" }],
    ["a file that is not there", "nothing.txt", {}],
  ])("R10: nobody learns of a place that guests cannot see: %s", async (_what, path, request) => {
    const { ann, ben, annId } = await two(request);
    await ann.ask("presence", { path, ...here, view });
    const visible = "src/b.py";
    await ann.ask("presence", { path: visible, ...here, view });
    await expect.poll(() => seen(ben, annId)?.path).toBe(visible);
    await ann.ask("presence", { path, ...here, view });
    await expect.poll(() => seen(ben, annId)?.path).toBe(null);
    expect(seen(ben, annId)).not.toHaveProperty("view");
    expect(JSON.stringify(ben.messages)).not.toContain(path);
  });

  it("an invitation reaches the others of this share alone, and not twice in a row", async () => {
    const { server, ann, ben, annId } = await two();
    const { guest } = await server.enter({ permission: "view" }, "Eve");
    const stranger = await guest.session();
    expect(await ann.ask("invite", {})).toEqual({});
    expect(await ben.message("invited")).toEqual({ type: "invited", session: annId, name: "Ann" });
    expect(await ann.ask("invite", {})).toMatchObject({ code: "BUSY" });
    expect(await ben.ask("stat", { path: "a.txt" })).toHaveProperty("name");
    await stranger.ask("stat", { path: "a.txt" });
    const invitations = [ann, ben, stranger].map(
      ({ messages }) => messages.filter(({ type }) => type === "invited").length,
    );
    expect(invitations).toEqual([0, 1, 0]);
  });

  it("R17: whom one follows is a session's name, and nothing else", async () => {
    const { ann } = await two();
    const answer = await ann.ask("presence", { path: null, ...here, follows: "<b>x</b>" });
    expect(answer).toMatchObject({ code: "INVALID" });
  });
});
