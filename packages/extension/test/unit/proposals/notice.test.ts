import type { Proposal, Share } from "@waiide/protocol";
import { beforeEach, expect, it, vi } from "vitest";

const ide = vi.hoisted(() => ({
  isOn: true,
  asked: [] as string[],
  messages: [] as { text: string; buttons: string[]; answer: (button?: string) => void }[],
  ran: [] as unknown[][],
}));
vi.mock("vscode", () => ({
  workspace: {
    getConfiguration: (section: string) => ({
      get: (key: string) => {
        ide.asked.push(`${section}.${key}`);
        return ide.isOn;
      },
    }),
  },
  window: {
    showInformationMessage: (text: string, ...buttons: string[]) =>
      new Promise((answer) => ide.messages.push({ text, buttons, answer })),
    showErrorMessage: async (text: string) => void ide.messages.push({ text, buttons: [], answer: () => undefined }),
  },
  commands: { executeCommand: async (...values: unknown[]) => void ide.ran.push(values) },
}));
const { ProposalNotice } = await import("../../../src/proposals/notice.ts");

const commit = { branch: "week3", name: "week3" };
const share = { id: "a", scope: { kind: "workspace" }, commit } as unknown as Share;
const proposal = { id: "p1", user: "bob" } as Proposal;
let open: Proposal[] = [];
const notice = () => new ProposalNotice({ proposals: async () => open });
const texts = () => ide.messages.map(({ text }) => text);

beforeEach(() => {
  ide.isOn = true;
  ide.asked = [];
  ide.messages = [];
  ide.ran = [];
  open = [proposal];
});

it("a proposal that arrives is told, and Show Changes opens its diff", async () => {
  const told = notice().tell({ share: "a", user: "bob" }, [share]);
  expect(texts()).toEqual(["bob proposes a change to a branch."]);
  expect(ide.messages[0]?.buttons).toEqual(["Show Changes", "Manage Shares"]);
  ide.messages[0]?.answer("Show Changes");
  await told;
  expect(ide.ran).toEqual([["waiide.proposal.open", { kind: "proposal", share, proposal }]]);
});

it("Manage Shares leads to the view, and a closed message to nothing", async () => {
  for (const [button, ran] of [
    ["Manage Shares", [["waiide.manageShares"]]],
    [undefined, []],
  ] as const) {
    ide.ran = [];
    const told = notice().tell({ share: "a", user: "bob" }, [share]);
    ide.messages.at(-1)?.answer(button);
    await told;
    expect(ide.ran).toEqual(ran);
  }
});

it("a proposal that is gone by the click is said", async () => {
  open = [];
  const told = notice().tell({ share: "a", user: "bob" }, [share]);
  ide.messages[0]?.answer("Show Changes");
  await told;
  expect(texts()[1]).toBe("This proposal has been accepted or declined.");
  expect(ide.ran).toEqual([]);
});

it("no message is shown where the notices about guests are turned off", async () => {
  ide.isOn = false;
  await notice().tell({ share: "a", user: "bob" }, [share]);
  expect([texts(), ide.asked]).toEqual([[], ["waiide.notifications.guests"]]);
});

it("a share that has ended shows no message", async () => {
  await notice().tell({ share: "b", user: "bob" }, [share]);
  expect(texts()).toEqual([]);
});

it("people who push again and again do not flood the owner", async () => {
  const one = notice();
  for (const user of ["bob", "bob", "cora", "dan", "eve", "bob"]) void one.tell({ share: "a", user }, [share]);
  expect(texts().map((text) => text.split(" ")[0])).toEqual(["bob", "cora", "dan"]);
  ide.messages[0]?.answer();
  await vi.waitFor(() => {
    void one.tell({ share: "a", user: "bob" }, [share]);
    expect(texts()).toHaveLength(4);
  });
});

it("R17: a name in the message is no link and no icon", () => {
  void notice().tell({ share: "a", user: "[x](command:evil) $(zap)" }, [share]);
  expect(texts()).toEqual(["xcommandevil zap proposes a change to a branch."]);
});
