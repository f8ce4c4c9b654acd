import { expect, it, vi } from "vitest";
import { Backlog } from "../../../../src/share/guests/backlog.ts";

const listener = (unread: number) => ({ unread, drop: vi.fn() });

it("R14: what all pages leave unread is limited; the slowest reader is closed first", () => {
  const backlog = new Backlog(10_000_000);
  const [slow, deaf, gone] = [listener(3_000_000), listener(9_000_000), listener(50_000_000)];
  backlog.join(slow);
  backlog.join(deaf);
  backlog.join(gone)();
  backlog.sent(500_000);
  expect(deaf.drop).not.toHaveBeenCalled();
  backlog.sent(600_000);
  expect(deaf.drop).toHaveBeenCalledOnce();
  for (const other of [slow, gone]) expect(other.drop).not.toHaveBeenCalled();
});
