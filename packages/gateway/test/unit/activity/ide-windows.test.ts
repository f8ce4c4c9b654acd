import { expect, it } from "vitest";
import { IdeWindows } from "../../../src/activity/ide-windows.ts";

function create() {
  let now = 1_000_000;
  const windows = new IdeWindows(10, () => now);
  return {
    report: (window: string, person = false, socket: string | undefined = `/run/${window}.sock`) =>
      windows.report({ window, person, terminals: [], work: {}, ...(socket && { command_socket: socket }) }),
    wait(seconds: number) {
      now += seconds * 1_000;
    },
    list: () => windows.list().map(({ command_socket }) => command_socket),
  };
}

it("the window that a person used last comes first", () => {
  const { report, wait, list } = create();
  report("a", true);
  wait(5);
  report("b", true);
  expect(list()).toEqual(["/run/b.sock", "/run/a.sock"]);
  wait(5);
  report("a", true);
  wait(5);
  report("b");
  expect(list()).toEqual(["/run/a.sock", "/run/b.sock"]);
});

it("a window that stops reporting is closed, and one without a socket opens nothing", () => {
  const { report, wait, list } = create();
  report("a", true);
  report("none", true, "");
  wait(30);
  report("b");
  expect(list()).toEqual(["/run/a.sock", "/run/b.sock"]);
  wait(11);
  expect(list()).toEqual(["/run/b.sock"]);
});
