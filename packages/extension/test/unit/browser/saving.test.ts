import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ToGateway } from "../../../src/browser/live/connection.ts";

vi.mock("vscode", () => ({
  EndOfLine: { LF: 1, CRLF: 2 },
  Position: class {},
  TextEdit: class {},
  workspace: { fs: {} },
}));
const { Saving } = await import("../../../src/browser/live/saves/saving.ts");

type Parts = ConstructorParameters<typeof Saving>;
type Binding = Parameters<InstanceType<typeof Saving>["willSave"]>[1];
type WillSave = Parameters<InstanceType<typeof Saving>["willSave"]>[0];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A document whose saves VS Code begins, and a gateway that answers each at once. */
function opened(needsText: boolean) {
  const sent: ToGateway[] = [];
  const saved = { of: () => "known", saving: () => undefined } as unknown as Parts[0];
  const saving: InstanceType<typeof Saving> = new Saving(saved, (message) => {
    sent.push(message);
    const isAsked = message.type === "window-saving" || message.type === "window-text";
    if (isAsked) queueMicrotask(() => saving.maySave(1, message.type === "window-saving" && needsText));
    return true;
  });
  const document = {
    getText: () => "text",
    eol: 1,
    isDirty: true,
    isClosed: false,
    encoding: "utf8bom",
    save: vi.fn(),
  };
  const binding = { document, doc: 1, takeTrimmed: () => [], shown: async () => undefined } as unknown as Binding;
  const save = async () => {
    let done: Promise<unknown> = Promise.resolve();
    const event = { document, waitUntil: (work: Promise<unknown>) => (done = work) };
    saving.willSave(event as unknown as WillSave, binding);
    await done;
  };
  document.save.mockImplementation(save);
  return { saving, sent, document, binding, save };
}

it("R24: a save that VS Code does not report is repeated, and the gateway writes first", async () => {
  const { saving, sent, document, binding, save } = opened(false);
  await save();
  expect(sent).toMatchObject([{ type: "window-saving", eol: "\n", hash: expect.stringMatching(/./) }]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(document.save).toHaveBeenCalled();
  expect(sent[1]).toMatchObject({ type: "window-saving", hash: "" });
  saving.didSave(binding, ["text"]);
  const calls = document.save.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(document.save).toHaveBeenCalledTimes(calls);
});

it("R24: a save that fails again and again is repeated three times only", async () => {
  const { document, save } = opened(false);
  await save();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(document.save).toHaveBeenCalledTimes(3);
});

it("R24: the gateway is told line ends and the mark that VS Code writes", async () => {
  const { sent, save } = opened(true);
  await save();
  expect(sent[1]).toEqual({ type: "window-text", doc: 1, text: "text", eol: "\n", mark: "\uFEFF" });
});
