import type { TerminalMessage } from "@waiide/protocol";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ShownTerminal, type TerminalWatcher } from "../../../../src/share/shown-terminals/shown-terminal.ts";

class Page implements TerminalWatcher {
  readonly messages: TerminalMessage[] = [];
  readonly guest = "bob";
  isBehind = false;
  may = true;

  mayWatch(): boolean {
    return this.may;
  }

  send(message: TerminalMessage): void {
    this.messages.push(message);
  }

  /** What its terminal would hold. */
  get text(): string {
    return this.messages.reduce((text, message) => {
      if (message.type === "terminal-screen") return message.data;
      return message.type === "terminal-output" ? text + message.data : text;
    }, "");
  }

  get kinds(): string[] {
    return this.messages.map(({ type }) => type);
  }
}

let terminal: ShownTerminal;
const onAbandoned = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  onAbandoned.mockReset();
  const size = { columns: 80, rows: 24 };
  terminal = new ShownTerminal({ id: "t", name: "bash", ...size, scrollback: 100_000, onAbandoned });
});
afterEach(() => {
  terminal.end("stopped");
  vi.useRealTimers();
});

function watched(): Page {
  const page = new Page();
  terminal.watch(page);
  return page;
}

it("a page gets the last output at first, and then what follows", () => {
  terminal.write({ data: "$ ls\r\n" });
  const page = watched();
  terminal.write({ data: "a" });
  terminal.write({ data: "b" });
  vi.advanceTimersByTime(100);
  expect(page.messages).toEqual([
    { type: "terminal-screen", terminal: "t", columns: 80, rows: 24, data: "$ ls\r\n" },
    { type: "terminal-output", terminal: "t", data: "ab" },
  ]);
});

it("a new size comes between what was written before it and after it", () => {
  const page = watched();
  terminal.write({ data: "before" });
  terminal.write({ columns: 100, rows: 30 });
  terminal.write({ data: "after" });
  vi.advanceTimersByTime(100);
  expect(page.kinds).toEqual(["terminal-screen", "terminal-output", "terminal-size", "terminal-output"]);
});

it("R14: a page that does not read gets nothing, then one whole screen", () => {
  const page = watched();
  const other = watched();
  page.isBehind = true;
  for (let step = 0; step < 100; step += 1) {
    terminal.write({ data: `line ${step}\r\n` });
    vi.advanceTimersByTime(50);
  }
  expect(page.kinds).toEqual(["terminal-screen"]);
  expect(other.kinds).toHaveLength(101);
  page.isBehind = false;
  vi.advanceTimersByTime(100);
  expect(page.kinds).toEqual(["terminal-screen", "terminal-screen"]);
  expect(page.text).toBe(other.text);
});

it("R14: of a terminal that writes too fast pages get screens now and then", () => {
  const page = watched();
  for (let step = 0; step < 200; step += 1) {
    terminal.write({ data: `${"x".repeat(20_000)}\r\n` });
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1_000);
  // 4 MB in two seconds.
  expect(page.messages.length).toBeLessThanOrEqual(7);
  expect(JSON.stringify(page.messages).length).toBeLessThan(800_000);
  terminal.write({ data: "end" });
  vi.advanceTimersByTime(100);
  expect(page.text.endsWith("end")).toBe(true);
});

it("what was skipped is not shown as if it were whole", () => {
  const page = watched();
  terminal.write({ data: "early" });
  vi.advanceTimersByTime(1_000);
  terminal.write({ skipped: true, data: "late" });
  vi.advanceTimersByTime(100);
  expect(page.kinds).toEqual(["terminal-screen", "terminal-output", "terminal-screen"]);
  expect(page.text).toBe("late");
});

it("a page that may no longer watch gets nothing more", () => {
  const page = watched();
  page.may = false;
  terminal.write({ data: "secret" });
  vi.advanceTimersByTime(100);
  page.may = true;
  terminal.write({ data: "more" });
  vi.advanceTimersByTime(100);
  expect(page.kinds).toEqual(["terminal-screen"]);
});

it("ends if the owner's IDE does not listen", () => {
  vi.advanceTimersByTime(9_000);
  expect(onAbandoned).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2_000);
  expect(onAbandoned).toHaveBeenCalledOnce();
});
