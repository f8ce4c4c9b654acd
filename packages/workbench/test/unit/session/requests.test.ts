import { expect, it } from "vitest";
import { Requests } from "../../../src/session/requests.ts";

const outcome = (result: Promise<unknown>) =>
  result.then(
    (value) => ({ value }),
    ({ code, version }: { code: string; version?: string }) => ({ code, version }),
  );

it("sends no more at once than the gateway takes, in the order of asking", async () => {
  const requests = new Requests();
  const asked = ["a", "b", "c"].map((path) => requests.add("stat", { path }));
  expect(requests.due(2).map(({ params }) => params)).toEqual([{ path: "a" }, { path: "b" }]);
  expect(requests.due(2)).toEqual([]);
  requests.resolve(asked[0]?.id ?? 0, 1);
  expect(requests.due(2).map(({ params }) => params)).toEqual([{ path: "c" }]);
  expect(await asked[0]?.result).toBe(1);
});

it("R13: after a loss a save is repeated with the same base; what must not repeat fails", async () => {
  const requests = new Requests();
  const params = { path: "a", base: "v1", content: "x", encoding: "utf8" };
  requests.add("write", params);
  const rename = requests.add("rename", { from: "a", to: "b" });
  const later = requests.add("create", { path: "c", kind: "file" });
  requests.due(2);
  requests.lost();
  expect(await outcome(rename.result)).toEqual({ code: "FAILED", version: undefined });
  expect(requests.due(8).map(({ method, params: sent }) => [method, sent])).toEqual([
    ["write", params],
    ["create", { path: "c", kind: "file" }],
  ]);
  requests.resolve(later.id, {});
  expect(await outcome(later.result)).toEqual({ value: {} });
});

it("a conflict carries the file's version; answers to what was not asked are ignored", async () => {
  const requests = new Requests();
  const { id, result } = requests.add("write", {});
  requests.reject(id, "CONFLICT", "changed", "v2");
  requests.resolve(id, {});
  requests.resolve(99, {});
  expect(await outcome(result)).toEqual({ code: "CONFLICT", version: "v2" });
});

it("the end of the share ends everything that waits", async () => {
  const requests = new Requests();
  const all = [requests.add("read", { path: "a" }), requests.add("list", { path: "" })];
  requests.end();
  expect(await Promise.all(all.map(({ result }) => outcome(result)))).toMatchObject([
    { code: "FAILED" },
    { code: "FAILED" },
  ]);
});
