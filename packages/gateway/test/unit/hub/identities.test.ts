import { describe, expect, it } from "vitest";
import { type AccessOptions, decideAccess } from "../../../src/hub/access.ts";
import type { HubAnswer } from "../../../src/hub/client.ts";
import { Identities } from "../../../src/hub/identities.ts";

const here = "access:servers!server=alice/waiide";
const settings: AccessOptions = {
  hub: { user: "alice", serverName: "waiide", accessScopes: [here], adminAccess: false },
  hubShareLevel: "terminal",
  allowAnyHubUser: false,
};
const says = (name: string, scopes: string[] = [here]): HubAnswer => ({
  kind: "ok",
  status: 200,
  body: { kind: "user", name, scopes },
  date: undefined,
});
const unknown: HubAnswer = { kind: "refused", status: 403, reason: "Forbidden" };
const down: HubAnswer = { kind: "unreachable", reason: "no answer in 5000 ms" };
const broken: HubAnswer = { kind: "failed", status: 500, reason: "it answered 500" };
const lost: HubAnswer = { kind: "refused", status: 404, reason: "Not Found" };

/** A cache with a clock of its own, and a hub that says what it is told to. */
function setUp(...answers: HubAnswer[]) {
  let now = 1_000_000;
  const asked: string[] = [];
  const arrived: string[] = [];
  const identities = new Identities({
    client: {
      getUser: async (token = "") => {
        asked.push(token);
        return (answers.length > 1 ? answers.shift() : answers[0]) as HubAnswer;
      },
    },
    decide: (user) => decideAccess(user, settings),
    onArrival: ({ kind, name }) => arrived.push(`${kind} ${name}`),
    clock: () => now,
    secondLook: 0,
  });
  const pass = (seconds: number) => {
    now += seconds * 1_000;
  };
  const say = (answer: HubAnswer) => answers.splice(0, answers.length, answer);
  return { identities, asked, arrived, pass, say };
}

describe("R1: identities are remembered for 60 s, refusals for 5 s", () => {
  it("asks once, answers from memory at once, and asks again after a minute", async () => {
    const { identities, asked, arrived, pass } = setUp(says("alice"));
    expect(await identities.identify("t")).toMatchObject({ kind: "admitted", identity: { kind: "owner" } });
    pass(44);
    expect(identities.identify("t")).not.toBeInstanceOf(Promise);
    expect(asked).toHaveLength(1);
    pass(17);
    expect(identities.identify("t")).toBeInstanceOf(Promise);
    expect(asked).toHaveLength(2);
    expect(arrived).toEqual(["owner alice"]);
  });

  it("asks in the background before the minute is over, so that nobody waits", async () => {
    const { identities, asked, pass } = setUp(says("alice"));
    await identities.identify("t");
    pass(50);
    expect(identities.identify("t")).not.toBeInstanceOf(Promise);
    expect(asked).toHaveLength(2);
    await identities.check("t");
    pass(40);
    expect(identities.identify("t")).not.toBeInstanceOf(Promise);
    expect(asked).toHaveLength(2);
  });

  it("a revoked token ends after a minute, and is checked again after 5 s", async () => {
    const { identities, asked, pass, say } = setUp(says("alice"));
    await identities.identify("t");
    say(unknown);
    pass(61);
    expect(await identities.identify("t")).toEqual({ kind: "invalid" });
    pass(4);
    expect(identities.identify("t")).toEqual({ kind: "invalid" });
    expect(asked).toHaveLength(2);
    pass(2);
    expect(await identities.identify("t")).toEqual({ kind: "invalid" });
    expect(asked).toHaveLength(3);
  });

  it("many requests at once make one question; other tokens have their own", async () => {
    const { identities, asked } = setUp(says("alice"));
    await Promise.all([1, 2, 3, 4].map(() => identities.identify("t")));
    await identities.identify("u");
    expect(asked).toEqual(["t", "u"]);
  });
});

describe("R2: a share made a moment ago", () => {
  it("is checked again only before a guest is refused", async () => {
    const { identities, asked } = setUp(says("bob", []), says("bob"));
    expect(await identities.identify("t")).toMatchObject({
      kind: "admitted",
      identity: { kind: "guest", name: "bob" },
    });
    expect(asked).toHaveLength(2);
  });

  it("a confirmed refusal is not checked again", async () => {
    const { identities, asked, pass } = setUp(says("bob", []));
    expect(await identities.identify("t")).toEqual({ kind: "denied", name: "bob", reason: "no access" });
    pass(6);
    await identities.identify("t");
    expect(asked).toHaveLength(3);
  });
});

describe("R22: the hub being down stops no one already in", () => {
  it.each([down, broken, lost, { ...broken, status: 200 }] as HubAnswer[])("%j", async (trouble) => {
    const { identities, asked, pass, say } = setUp(says("alice"));
    await identities.identify("t");
    say(trouble);
    for (const seconds of [61, 600, 86_400]) {
      pass(seconds);
      expect(await identities.identify("t")).toMatchObject({ kind: "admitted" });
    }
    const count = asked.length;
    pass(1);
    expect(identities.identify("t")).not.toBeInstanceOf(Promise);
    expect(asked).toHaveLength(count);
    expect(await identities.identify("other")).toMatchObject({ kind: "unavailable" });
    say(unknown);
    pass(61);
    expect(await identities.identify("t")).toEqual({ kind: "invalid" });
  });

  it("is not remembered as a refusal", async () => {
    const { identities, say } = setUp(down);
    expect(await identities.identify("t")).toMatchObject({ kind: "unavailable" });
    say(says("alice"));
    expect(await identities.identify("t")).toMatchObject({ kind: "admitted" });
  });

  it("an answer that names nobody is trouble, too", async () => {
    const { identities } = setUp({ kind: "ok", status: 200, body: { proxy: "page" }, date: undefined });
    expect(await identities.identify("t")).toMatchObject({ kind: "unavailable" });
  });
});

describe("an app's own tokens", () => {
  it("are checked once", async () => {
    const { identities, asked, pass } = setUp(unknown);
    expect(await identities.classify("t")).toEqual({ kind: "invalid" });
    pass(600);
    expect(identities.classify("t")).toEqual({ kind: "invalid" });
    expect(asked).toHaveLength(1);
  });
});

it("forgets a token on logout, and the oldest of very many that let nobody in", async () => {
  const { identities, asked, say } = setUp(says("alice"));
  await identities.identify("t");
  identities.forget("t");
  await identities.identify("t");
  expect(asked).toHaveLength(2);
  say(unknown);
  for (let index = 0; index < 2_001; index += 1) await identities.identify(`other ${index}`);
  await identities.identify("t");
  expect(asked).toHaveLength(2_003);
  await identities.identify("other 0");
  expect(asked).toHaveLength(2_004);
});

describe("R1, R22: made-up tokens cost nothing and lock nobody out", () => {
  it("thousands of them do not evict known users, even while the hub is down", async () => {
    const { identities, pass, say } = setUp(says("alice"));
    await identities.identify("alice's");
    say(unknown);
    for (let number = 0; number < 2_500; number += 1) await identities.identify(`made up ${number}`);
    say(down);
    pass(61);
    expect(await identities.identify("alice's")).toMatchObject({ kind: "admitted" });
  });

  it("at most four unknown tokens are checked at once; no login waits behind them", async () => {
    const open: (() => void)[] = [];
    const asked: string[] = [];
    const identities = new Identities({
      client: {
        getUser: (token = "") => {
          asked.push(token);
          if (!token.startsWith("made up")) return Promise.resolve(says("alice"));
          return new Promise((resolve) => open.push(() => resolve(unknown)));
        },
      },
      decide: (user) => decideAccess(user, settings),
    });
    const flood = Array.from({ length: 100 }, (_, number) => identities.identify(`made up ${number}`, "192.0.2.1"));
    const stranger = identities.identify("alice's program", "192.0.2.2");
    expect(asked).toHaveLength(4);
    expect(await identities.check("alice's login")).toMatchObject({ kind: "admitted" });
    // The next turn but one is the other address's, however long the flood's line is.
    for (const answer of open.splice(0, 2)) answer();
    expect(await stranger).toMatchObject({ kind: "admitted" });
    const drain = setInterval(() => {
      for (const answer of open.splice(0)) answer();
    });
    expect(new Set((await Promise.all(flood)).map(({ kind }) => kind))).toEqual(new Set(["invalid"]));
    clearInterval(drain);
    expect(asked).toHaveLength(102);
  });

  it("requests that wait for a silent hub share its failure", async () => {
    const { identities, asked } = setUp(down);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, number) => identities.identify(`t${number}`)));
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(["unavailable"]));
    expect(asked).toHaveLength(4);
  });
});

describe("A logout at the hub", () => {
  it("counts at once: another session of the browser is checked again", async () => {
    const { identities, asked, say } = setUp(says("alice"));
    await identities.identify("alice's", "", "before");
    expect(identities.identify("alice's", "", "before")).toMatchObject({ kind: "admitted" });
    expect(asked).toHaveLength(1);
    say(unknown);
    expect(await identities.identify("alice's", "", "after")).toEqual({ kind: "invalid" });
    expect(await identities.identify("alice's", "", "before")).toEqual({ kind: "invalid" });
  });

  it("what was asked before it says nothing about after it", async () => {
    const { identities, say } = setUp(says("alice"));
    const before = identities.identify("alice's", "", "before");
    say(unknown);
    const after = identities.identify("alice's", "", "after");
    expect(await after).toEqual({ kind: "invalid" });
    await before;
    expect(await identities.identify("alice's", "", "after")).toEqual({ kind: "invalid" });
  });

  it("cannot happen while the hub is down: people stay logged in", async () => {
    const { identities, asked, say } = setUp(says("alice"));
    await identities.identify("alice's", "", "before");
    say(down);
    for (let time = 0; time < 5; time += 1) {
      expect(await identities.identify("alice's", "", "after")).toMatchObject({ kind: "admitted" });
    }
    expect(asked).toHaveLength(2);
  });
});
