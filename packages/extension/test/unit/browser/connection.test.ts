import { loginEnded, serverEnds } from "@waiide/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { Connection, type ConnectionState } from "../../../src/browser/page/connection.ts";
import type { ProbeAnswer } from "../../../src/browser/page/probe.ts";

let now: number;
let timers: { at: number; callback: () => void }[];
let states: ConnectionState[];
let answer: ProbeAnswer;
let asked: number;
let connection: Connection;
let events: Required<Connection["listener"]>;

const running: ProbeAnswer = { kind: "server", run: "one", state: "ready" };
const socket = {} as WebSocket;
const broken = { code: 1006, reason: "" } as CloseEvent;

beforeEach(() => {
  [now, timers, states, asked, answer] = [0, [], [], 0, running];
  connection = new Connection({
    run: "one",
    probe: () => {
      asked += 1;
      return Promise.resolve(answer);
    },
    onState: (state) => states.push(state),
    clock: () => now,
    later: (callback, milliseconds) => timers.push({ at: now + milliseconds, callback }),
  });
  events = connection.listener as Required<Connection["listener"]>;
  connection.start();
  events.onOpen(socket);
});

async function pass(milliseconds: number): Promise<void> {
  const end = now + milliseconds;
  for (;;) {
    const next = timers.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
    if (next === undefined) break;
    timers.splice(timers.indexOf(next), 1);
    now = next.at;
    next.callback();
    await Promise.resolve().then(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }
  now = end;
}

describe("the page's connection", () => {
  test("the last broken socket is reported at once, and forgotten when another opens", async () => {
    answer = { kind: "unreachable" };
    events.onClose(socket, broken, false);
    await pass(50);
    expect(states).toEqual(["lost"]);
    answer = running;
    events.onOpen(socket);
    await pass(10);
    expect(states).toEqual(["lost", "connected"]);
  });

  test("one of two sockets may end while the server answers", async () => {
    const other = {} as WebSocket;
    events.onOpen(other);
    events.onClose(other, broken, false);
    await pass(60);
    expect([asked, states]).toEqual([1, []]);
  });

  test("a socket that the page closes itself is no loss", async () => {
    events.onClose(socket, broken, true);
    await pass(10_000);
    expect(states).toEqual([]);
  });

  test("silence is checked, and reported only if nothing answers", async () => {
    await pass(9_000);
    expect([asked > 0, states]).toEqual([true, []]);
    answer = { kind: "unreachable" };
    await pass(9_000);
    expect(states).toEqual(["lost"]);
  });

  test("messages every 5 s are not silence: nothing is checked", async () => {
    for (let seconds = 0; seconds < 60; seconds += 5) {
      events.onMessage(socket);
      await pass(5_000);
    }
    expect(asked).toBe(0);
  });

  test("another IDE server at the same address is reported, whatever its socket", async () => {
    events.onClose(socket, broken, false);
    await pass(50);
    answer = { kind: "server", run: "one", state: "starting" };
    await pass(2_000);
    answer = { kind: "server", run: "two", state: "ready" };
    await pass(2_000);
    expect(states).toEqual(["lost", "starting", "restarted"]);
  });

  test.each([
    ["stopped", serverEnds.stopped],
    ["unused", serverEnds.unused],
    ["login", loginEnded],
  ] as const)("an end that the server names is %s, and stays that while nothing answers", async (state, end) => {
    answer = state === "login" ? { kind: "login" } : { kind: "unreachable" };
    events.onClose(socket, end as unknown as CloseEvent, false);
    expect(states).toEqual([state]);
    await pass(60_000);
    expect(states).toEqual([state]);
    expect(asked).toBeLessThan(10);
  });

  test("a hub that answers in the server's place says that it was stopped", async () => {
    answer = { kind: "ended" };
    events.onClose(socket, broken, false);
    await pass(2_000);
    expect(states).toEqual(["lost", "stopped"]);
  });

  test("a stopped server that returns is reported", async () => {
    events.onClose(socket, serverEnds.stopped as unknown as CloseEvent, false);
    answer = { kind: "server", run: "two", state: "ready" };
    await pass(20_000);
    expect(states).toEqual(["stopped", "restarted"]);
  });
});
