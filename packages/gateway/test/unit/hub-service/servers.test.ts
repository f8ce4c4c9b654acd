import { describe, expect, it } from "vitest";
import type { HubAnswer } from "../../../src/hub/client.ts";
import { listServers } from "../../../src/hub-service/servers.ts";

const ok = (body: unknown): HubAnswer => ({ kind: "ok", status: 200, body, date: undefined });
const running = (url: string, more: object = {}) => ({ ready: true, url, ...more });
const page = (items: unknown[], next: number | null) =>
  ok({
    items,
    _pagination: { offset: 0, limit: 2, total: 9, next: next === null ? null : { offset: next, limit: 2 } },
  });

/** A hub that gives its pages one after the other. */
function hubOf(...pages: HubAnswer[]) {
  const asked: string[] = [];
  const request = async (_method: string, path: string): Promise<HubAnswer> => {
    asked.push(path);
    return pages[asked.length - 1] ?? page([], null);
  };
  return { asked, list: () => listServers({ request }, "token") };
}

describe("the hub's list of servers", () => {
  it("is read page by page, whatever the hub makes a page, and put in order", async () => {
    const hub = hubOf(
      page([{ name: "carol", servers: { "": running("/user/carol/") } }, { name: "none" }], 2),
      page(
        [{ name: "alice", groups: ["g"], servers: { b: running("/user/alice/b/"), "": running("/user/alice/") } }],
        null,
      ),
    );
    expect((await hub.list()).map(({ user, name }) => `${user}/${name}`)).toEqual(["alice/", "alice/b", "carol/"]);
    expect(hub.asked).toEqual(["/users?state=active&offset=0&limit=200", "/users?state=active&offset=2&limit=200"]);
  });

  it("a hub that never comes to an end is not asked for ever", async () => {
    const again = page([{ name: "alice", servers: {} }], 2);
    const hub = hubOf(again, again, again);
    await hub.list();
    expect(hub.asked).toHaveLength(2);
  });

  it("names the host where every user has one, in either spelling of hubs", async () => {
    const hub = hubOf(
      page(
        [
          {
            name: "j.é",
            servers: {
              "": running("/user/j.%C3%A9/", { full_url: "https://j.hub.example:8443/user/j.%C3%A9/" }),
              a: running("https://j.hub.example/user/j.%C3%A9/a/", { full_url: null }),
              b: { ...running("/user/j.%C3%A9/b/"), ready: false },
            },
          },
        ],
        null,
      ),
    );
    expect(await hub.list()).toMatchObject([
      { path: "/user/j.%C3%A9/", host: "j.hub.example:8443", isReady: true },
      { path: "/user/j.%C3%A9/a/", host: "j.hub.example", isReady: true },
      { path: "/user/j.%C3%A9/b/", host: undefined, isReady: false },
    ]);
  });

  it.each([
    ["refuses", { kind: "refused", status: 403, reason: "Forbidden" }],
    ["is not there", { kind: "unreachable", reason: "connect ECONNREFUSED" }],
    ["answers something else", ok([{ name: "alice" }])],
  ] satisfies [string, HubAnswer][])("a hub that %s is no empty list", async (_what, answer) => {
    await expect(hubOf(answer).list()).rejects.toMatchObject({ code: "HUB_LIST_FAILED" });
  });
});
