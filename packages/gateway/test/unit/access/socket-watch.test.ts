import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Recheck, SocketWatch } from "../../../src/access/socket-watch.ts";

const logger = pino({ level: "silent" });
let watch: SocketWatch;

beforeEach(() => {
  vi.useFakeTimers();
  watch = new SocketWatch({ logger });
});
afterEach(() => {
  watch.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function open(recheck: Recheck) {
  const socket = { close: vi.fn() };
  return { socket, closed: watch.add(socket, recheck) };
}

it("R1 closes with 4401 what the hub refuses, and nothing else", async () => {
  let answer: "ok" | "refused" | "unknown" = "ok";
  const { socket } = open(async () => answer);
  const { socket: other } = open(async () => "ok");
  await vi.advanceTimersByTimeAsync(59_000);
  answer = "refused";
  expect(socket.close).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(4401, "the login has ended");
  await vi.advanceTimersByTimeAsync(600_000);
  expect(socket.close).toHaveBeenCalledOnce();
  expect(other.close).not.toHaveBeenCalled();
});

it.each<[string, Recheck]>([
  ["cannot be reached", async () => "unknown"],
  ["makes the question fail", () => Promise.reject(new Error("broken"))],
])("R1 a hub that %s closes none", async (_name, recheck) => {
  const { socket } = open(recheck);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(socket.close).not.toHaveBeenCalled();
});

it("R1 asks no more about sockets that have closed, and has no timer without any", async () => {
  const recheck = vi.fn<Recheck>(async () => "ok");
  const { closed } = open(recheck);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(recheck).toHaveBeenCalledOnce();
  closed();
  await vi.advanceTimersByTimeAsync(61_000);
  expect(recheck).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
  open(recheck);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(recheck).toHaveBeenCalledTimes(2);
});

it("R1 a slow hub gets one request at a time", async () => {
  const asked = Promise.withResolvers<"ok">();
  const recheck = vi.fn<Recheck>(() => asked.promise);
  open(recheck);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(recheck).toHaveBeenCalledOnce();
  asked.resolve("ok");
  await vi.advanceTimersByTimeAsync(61_000);
  expect(recheck).toHaveBeenCalledTimes(2);
});
