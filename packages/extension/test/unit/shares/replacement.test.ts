import type { Scope, Share } from "@waiide/protocol";
import { expect, it } from "vitest";
import { isHigher, requestLike } from "../../../src/shares/replacement.ts";
import { shareInfo } from "../support/share-info.ts";

const share = {
  root: "/w",
  level: "view",
  note: "for the review",
  approve: false,
  expires_at: new Date(Date.now() + 7_200_000).toISOString(),
} as Share;

it("a share in place of another one shows the same lines, at its own level", () => {
  const scope = { kind: "selection", path: "a.py", line: 2, col: 0, end_line: 5, end_col: null } as const;
  const request = requestLike({ ...share, scope }, shareInfo(), { level: "edit", recipient: { user: "bob" } });
  expect(request).toMatchObject({ root: "/w", file: "a.py", line: 2, col: 0, end_line: 5, note: "for the review" });
  expect(request).toMatchObject({ permission: "edit", with: { user: "bob" }, approve: false });
  expect(request).not.toHaveProperty("end_col");
  expect(request).not.toHaveProperty("confirm");
  expect(request.expires_in).toBeGreaterThan(7_100);
  expect(request.expires_in).toBeLessThanOrEqual(7_200);
});

it("R19: it lives no longer than the new level permits", () => {
  const limited = shareInfo({ terminal: { longest_life: 3_600 } });
  const scope: Scope = { kind: "workspace", opens: "a.py", show: [".plan"] };
  const request = requestLike({ ...share, scope }, limited, { level: "terminal" });
  expect(request).toMatchObject({ expires_in: 3_600, opens: "a.py", show: [".plan"], confirm: true });
  const forever = requestLike({ ...share, scope, expires_at: null }, limited, { level: "terminal" });
  expect(forever.expires_in).toBe(3_600);
  expect(requestLike({ ...share, scope, expires_at: null }, limited, {}).expires_in).toBeNull();
});

it("which level is the higher one", () => {
  expect(isHigher(shareInfo(), "edit", "view")).toBe(true);
  expect(isHigher(shareInfo(), "view", "view")).toBe(false);
  expect(isHigher(shareInfo(), "edit", "terminal")).toBe(false);
});
