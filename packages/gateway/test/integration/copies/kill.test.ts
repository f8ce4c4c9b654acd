import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { expect, it, onTestFinished } from "vitest";
import { Copies } from "../../../src/copies/copies.ts";
import { CopyRecords } from "../../../src/copies/records.ts";

const program = join(import.meta.dirname, "fixtures/copy-process.ts");
const steps = ["begun", "receiving", "received", "finished", "closed"];

/** The next start of the gateway. */
async function recover(folder: string, records: CopyRecords): Promise<void> {
  const copies = new Copies({
    ...{ hub: undefined, records, workspace: folder, offersSetUp: true, logger: pino({ level: "silent" }) },
    environment: async () => ({ image: undefined, python: undefined }),
  });
  await copies.recover();
}

async function killedAt(last: string, folder: string, records: string): Promise<void> {
  const child: ChildProcess = fork(program, [folder, records]);
  onTestFinished(() => void child.kill("SIGKILL"));
  for (const step of steps) {
    const [message] = (await once(child, "message")) as [string];
    expect(message).toBe(step);
    if (step === last) break;
    child.send("on");
  }
  child.kill("SIGKILL");
  await once(child, "exit");
}

it.each(steps)("R29: a kill -9 when a copy is %s leaves nothing half, and no staging after a start", async (last) => {
  const home = mkdtempSync(join(tmpdir(), "waiide-kill-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, "work");
  mkdirSync(folder);
  const records = new CopyRecords(join(home, "records"));
  await killedAt(last, folder, join(home, "records"));
  const isWhole = last === "finished" || last === "closed";
  expect(readdirSync(folder).includes("tides")).toBe(isWhole);
  await recover(folder, records);
  expect(readdirSync(folder)).toEqual(isWhole ? ["tides"] : []);
  if (isWhole) expect(readdirSync(join(folder, "tides")).sort()).toEqual(["a.txt", "src"]);
  expect((await records.all()).map(({ id }) => id)).toEqual(isWhole ? ["c1"] : []);
});

it("R29: a start leaves a copy alone that another program is making", async () => {
  const home = mkdtempSync(join(tmpdir(), "waiide-kill-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const child = fork(program, [home, join(home, "records")]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  await recover(home, new CopyRecords(join(home, "records")));
  for (const step of steps.slice(1)) {
    child.send("on");
    expect(((await once(child, "message")) as [string])[0]).toBe(step);
  }
  child.send("on");
  await once(child, "exit");
  expect(readdirSync(home).sort()).toEqual(["records", "tides"]);
});
