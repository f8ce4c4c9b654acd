import { expect, it } from "vitest";
import { readableLogLine } from "../../../src/server/log-line.ts";

it("a line of the gateway's log is readable: time, level, words, details", () => {
  const time = new Date(2026, 10, 25, 3, 2, 52).getTime();
  const line = (more: object) => readableLogLine(JSON.stringify({ level: 40, time, msg: "a part failed", ...more }));
  expect(line({})).toBe("[03:02:52] [warn] a part failed");
  expect(line({ file: "/home/a b", pids: [1, 2] })).toBe("[03:02:52] [warn] a part failed file=/home/a b pids=[1,2]");
  expect(line({ err: { type: "Error", message: "it broke", stack: "Error: it broke\n at x" } })).toBe(
    "[03:02:52] [warn] a part failed err=it broke",
  );
  expect(line({ level: 35 })).toBe("[03:02:52] [35] a part failed");
});

it.each(["", "plain text", "{", "null", "1", '{"msg":"no time"}'])(
  "what is not an entry stays unchanged: %s",
  (line) => {
    expect(readableLogLine(line)).toBe(line);
  },
);
