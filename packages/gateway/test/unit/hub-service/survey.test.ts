import { describe, expect, it } from "vitest";
import { survey } from "../../../src/hub-service/survey.ts";
import { overview, runningServer } from "../../support/shared-servers.ts";

const five = ["a", "b", "c", "d", "e"].map((user) => runningServer(user));

describe("the survey", () => {
  it("one server that does not answer delays no other; the order stays", async () => {
    const { promise: never, resolve: giveUp } = Promise.withResolvers<void>();
    const answered: string[] = [];
    const { promise: allOthers, resolve } = Promise.withResolvers<void>();
    const client = {
      overview: async ({ user }: { user: string }) => {
        if (user === "a") {
          await never;
          return { kind: "silent", reason: "no answer in 3 s" } as const;
        }
        answered.push(user);
        if (answered.length === 4) resolve();
        return { kind: "ok", body: overview() } as const;
      },
    };
    const done = survey(five, "root", { client, atOnce: 2, longest: 10_000 });
    await allOthers;
    giveUp();
    expect((await done).map(({ server, found }) => `${server.user} ${found.kind}`)).toEqual([
      "a silent",
      "b ok",
      "c ok",
      "d ok",
      "e ok",
    ]);
  });

  it("never asks more at once than it may, and nobody after its time", async () => {
    let now = 0;
    let underWay = 0;
    let most = 0;
    const client = {
      overview: async () => {
        most = Math.max(most, ++underWay);
        await Promise.resolve();
        underWay -= 1;
        now += 400;
        return { kind: "ok", body: overview() } as const;
      },
    };
    const found = await survey(five, "root", { client, atOnce: 2, longest: 1_000, clock: () => now });
    expect(most).toBe(2);
    const kinds = found.map((one) => one.found.kind);
    expect(kinds[0]).toBe("ok");
    expect(kinds.at(-1)).toBe("unasked");
  });

  it("a server that is still starting is not asked; without servers there is nothing", async () => {
    const client = { overview: () => Promise.reject(new Error("asked")) };
    const options = { client, atOnce: 2, longest: 1_000 };
    const starting = [runningServer("a", "", { isReady: false })];
    expect((await survey(starting, "root", options)).map(({ found }) => found.kind)).toEqual(["starting"]);
    expect(await survey([], "root", options)).toEqual([]);
  });
});
