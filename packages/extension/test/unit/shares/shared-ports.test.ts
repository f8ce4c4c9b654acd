import { expect, it, vi } from "vitest";
import type { Tunnels } from "../../../src/shares/shared-ports.ts";

vi.mock("vscode", () => ({ workspace: {} }));
const { SharedPorts } = await import("../../../src/shares/shared-ports.ts");

/** The Ports view: which ports it has, and their labels. */
function portsView(...listed: number[]) {
  const ports = new Set(listed);
  const labels = new Map<number, string | undefined>();
  let listener: () => void = () => undefined;
  let asked = 0;
  const tunnels = {
    get tunnels() {
      asked += 1;
      return Promise.resolve([...ports].map((port) => ({ remoteAddress: { host: "localhost", port } })));
    },
    onDidChangeTunnels: (told: () => void) => {
      listener = told;
      return { dispose: () => undefined };
    },
    openTunnel: async ({ remoteAddress: { port }, label }) => void labels.set(port, label),
  } as Tunnels;
  /** Resolves when the list was asked for anew. */
  const changed = async () => {
    const before = asked;
    listener();
    await expect.poll(() => asked).toBeGreaterThan(before);
  };
  return { tunnels, labels, ports, changed };
}

function memory() {
  const kept = new Map<string, unknown>();
  return {
    kept,
    get: <Value>(key: string, other?: Value) => (kept.get(key) ?? other) as Value,
    update: async (key: string, value: unknown) => void kept.set(key, value),
  };
}

const shared = (port: number, people: object | null = null) => ({ app: { port }, with: people }) as never;

it("a port's label shows who can use it, and disappears when the share ends", async () => {
  const { tunnels, labels } = portsView(3000, 8501);
  const labelled = new SharedPorts(memory(), tunnels);
  labelled.show([shared(8501, { user: "bob" }), shared(8501), shared(9000)]);
  await expect.poll(() => [...labels]).toEqual([[8501, "shared with bob, anyone with the link"]]);
  labelled.show([]);
  await expect.poll(() => [...labels]).toEqual([[8501, undefined]]);
});

it("a shared port gets its label when it appears, and again when it comes back", async () => {
  const { tunnels, labels, ports, changed } = portsView();
  new SharedPorts(memory(), tunnels).show([shared(8501)]);
  ports.add(8501);
  await changed();
  await expect.poll(() => labels.get(8501)).toBe("shared with anyone with the link");
  ports.delete(8501);
  labels.clear();
  await changed();
  ports.add(8501);
  await changed();
  await expect.poll(() => labels.get(8501)).toBe("shared with anyone with the link");
});

it("a label that an earlier window left goes; those of the owner stay", async () => {
  const { tunnels, labels } = portsView(3000, 8501);
  const memento = memory();
  await memento.update("labelledPorts", [8501]);
  new SharedPorts(memento, tunnels).show([]);
  await expect.poll(() => memento.kept.get("labelledPorts")).toEqual([]);
  expect([...labels]).toEqual([[8501, undefined]]);
});

it("R17: names in labels are plain, and an IDE without the view is left alone", async () => {
  const { tunnels, labels } = portsView(8501);
  new SharedPorts(memory(), tunnels).show([shared(8501, { group: "$(zap)[x](command:y)" })]);
  await expect.poll(() => labels.get(8501)).toBe("shared with group zapxcommandy");
  new SharedPorts(memory(), {}).show([shared(8501)]);
  const refusing = () => {
    throw new Error("CANNOT use API proposal");
  };
  new SharedPorts(memory(), { onDidChangeTunnels: refusing }).show([shared(8501)]);
});
