import { expect, it } from "vitest";
import { type Draft, requestFrom, type Step, type StepResult, walk, withOpenFile } from "../../../src/create/draft.ts";

/** A step that answers what the test says, one answer each time it is asked. */
function step(name: string, log: string[], answers: StepResult[], asks: Step["asks"] = () => true): Step {
  return {
    asks,
    ask: async (draft, { step: number, of }) => {
      log.push(`${name} ${number}/${of}`);
      const answer = answers.shift();
      return typeof answer === "object" ? { ...draft, ...answer } : answer;
    },
  };
}

it("asks one step after the other, and passes over those that have only one answer", async () => {
  const log: string[] = [];
  const steps = [
    step("level", log, [{ level: "edit" }]),
    step("whom", log, [], () => false),
    step("life", log, [{ life: null }]),
  ];
  expect(await walk(steps, { root: "/w" })).toEqual({ root: "/w", level: "edit", life: null });
  expect(log).toEqual(["level 1/2", "life 2/2"]);
});

it("Back leads to the last step that was asked, and undoes it", async () => {
  const log: string[] = [];
  const steps = [
    step("level", log, [{ level: "edit" }, { level: "view" }]),
    step("skipped", log, [], () => false),
    step("life", log, ["back", { life: 60 }]),
  ];
  expect(await walk(steps, {})).toEqual({ level: "view", life: 60 });
  expect(log).toEqual(["level 1/2", "life 2/2", "level 1/2", "life 2/2"]);
});

it("Back at the first step, and Esc at any, leave nothing", async () => {
  expect(await walk([step("a", [], ["back"])], {})).toBeUndefined();
  expect(await walk([step("a", [], [{ level: "view" }]), step("b", [], [undefined])], {})).toBeUndefined();
});

it("a step that depends on an earlier answer is asked accordingly", async () => {
  const log: string[] = [];
  const named: Step["asks"] = ({ recipient }) => recipient !== undefined && recipient !== null;
  const steps = (answer: Draft) => [
    step("whom", log, [answer]),
    step("name", log, [{ recipient: { user: "bob" } }], named),
  ];
  await walk(steps({ recipient: null }), {});
  await walk(steps({ recipient: { user: "" } }), {});
  expect(log).toEqual(["whom 1/1", "whom 1/1", "name 2/2"]);
});

it("the request for an app has the app and no files", () => {
  const choices = { level: "app", root: "/w", life: 3_600, note: "n" } as const;
  const request = { permission: "app", expires_in: 3_600, note: "n" };
  expect(requestFrom({ ...choices, app: { port: 8501, title: "port 8501" } })).toEqual({
    ...request,
    app: { port: 8501 },
  });
  expect(requestFrom({ ...choices, app: { name: "lab", title: "Lab" } })).toEqual({ ...request, app: { name: "lab" } });
});

it("the request has the choices, and their confirmations", () => {
  const place = { root: "/w", target: { kind: "file", path: "a.py" } } as const;
  expect(requestFrom({ ...place, level: "view", life: null, note: "" })).toEqual({
    permission: "view",
    root: "/w",
    file: "a.py",
    expires_in: null,
  });
  const target = { kind: "selection", path: "a.py", line: 2, col: 4, endLine: 3 } as const;
  expect(requestFrom({ target, level: "terminal", recipient: { user: "bob" }, life: 60, note: "n" })).toEqual({
    permission: "terminal",
    file: "a.py",
    line: 2,
    col: 4,
    end_line: 3,
    with: { user: "bob" },
    expires_in: 60,
    note: "n",
    confirm: true,
  });
  expect(() => requestFrom({ root: "/w" })).toThrow();
});

it("R10: checked names of a home folder are sent; an unchecked list sends nothing", () => {
  const draft: Draft = { root: "/home/alice", target: { kind: "workspace" }, level: "view" };
  expect(requestFrom({ ...draft, show: [".bashrc"] })).toEqual({
    permission: "view",
    root: "/home/alice",
    show: [".bashrc"],
  });
  expect(requestFrom({ ...draft, show: [] })).toEqual({ permission: "view", root: "/home/alice" });
});

it("guests begin with the owner's open file, if it is in the share", () => {
  const opens = (target: Draft["target"], file?: string) =>
    withOpenFile({ root: "/w", ...(target && { target }) }, file).opens;
  const workspace = { kind: "workspace" } as const;
  const folder = { kind: "folder", path: "src" } as const;
  expect(opens(workspace, "/w/src/a.py")).toBe("src/a.py");
  expect(opens(folder, "/w/src/a.py")).toBe("src/a.py");
  expect(opens(workspace, "/w/..a")).toBe("..a");
  const others = [opens(workspace), opens(workspace, "/other/a.py"), opens(workspace, "/w2/a"), opens(workspace, "/w")];
  others.push(opens(folder, "/w/a.py"), opens(folder, "/w/src2/a.py"), opens(undefined, "/w/a.py"));
  others.push(opens({ kind: "file", path: "b.py" }, "/w/a.py"), withOpenFile({ target: workspace }, "/w/a").opens);
  // There it would replace what the guest had open before.
  others.push(withOpenFile({ root: "/w", target: workspace, level: "terminal" }, "/w/a.py").opens);
  expect(others).toEqual(others.map(() => undefined));
  const draft: Draft = { root: "/w", target: workspace, level: "view" };
  expect(requestFrom(withOpenFile(draft, "/w/a.py"))).toEqual({ permission: "view", root: "/w", opens: "a.py" });
});

it("others may copy folders and commits, and no single files", () => {
  const draft = { level: "view", copy: true } as const;
  const copy = { files: true, settings: [], extensions: true };
  expect(requestFrom({ ...draft, target: { kind: "workspace" } }).copy).toEqual(copy);
  expect(
    requestFrom({ ...draft, target: { kind: "commit", ref: "HEAD", follow: false, get: "snapshot", propose: false } })
      .copy,
  ).toEqual(copy);
  expect(requestFrom({ ...draft, target: { kind: "file", path: "a" } }).copy).toBeUndefined();
  expect(requestFrom({ ...draft, copy: false, target: { kind: "workspace" } }).copy).toBeUndefined();
});
