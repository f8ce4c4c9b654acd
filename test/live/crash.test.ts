import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import type { RunningGateway } from "../support/gateway.ts";
import { faultsIn, kill, LineWriter, settled, startWithFile } from "./crowd.ts";

const kills = 10;
const path = "notes.txt";

const fileOf = (gateway: RunningGateway) => readFileSync(join(gateway.workspace, path), "utf8");

async function enterAll(gateway: RunningGateway, link: string, count: number): Promise<LineWriter[]> {
  const names = Array.from({ length: count }, (_, index) => `Guest ${index}`);
  return Promise.all(names.map((name) => LineWriter.enter(gateway, link, name, path)));
}

/** Somebody writes a line every few milliseconds until `until` resolves. */
async function writeUntil(writers: readonly LineWriter[], until: Promise<unknown>): Promise<void> {
  let goes = true;
  void until.then(() => {
    goes = false;
  });
  while (goes) {
    writers[Math.floor(Math.random() * writers.length)]?.write();
    await delay(Math.random() * 5);
  }
}

/** All pages are back and show the same text, which has each line once. */
async function expectWhole(gateway: RunningGateway, writers: readonly LineWriter[]): Promise<void> {
  await settled(writers);
  const lines = writers.flatMap((writer) => writer.lines);
  const text = () => new Set(writers.map(({ live }) => live.text));
  await expect.poll(() => text().size).toBe(1);
  const [whole = ""] = text();
  expect(faultsIn(whole, lines)).toEqual([]);
  await expect.poll(() => fileOf(gateway)).toBe(whole);
}

it("R24: killed at any moment, the gateway loses nothing acknowledged and doubles nothing", async ({
  onTestFinished,
}) => {
  let { gateway, link } = await startWithFile(path);
  onTestFinished(async () => void (await gateway.stop()));
  const writers = await enterAll(gateway, link, 5);
  let acknowledged = 0;
  for (let round = 0; round < kills; round++) {
    const moment = delay(Math.random() * 300).then(() => kill(gateway));
    await writeUntil(writers, moment);
    await Promise.all(writers.map(({ live }) => live.session.closed));
    const known = writers.flatMap((writer) => writer.acknowledged);
    acknowledged += known.length;
    gateway = await gateway.resume();
    // Before anybody is back: what was acknowledged comes from the journal alone.
    await expect.poll(() => faultsIn(fileOf(gateway), known)).toEqual([]);
    await Promise.all(writers.map((writer) => writer.comeBack()));
    await expectWhole(gateway, writers);
  }
  expect(acknowledged).toBeGreaterThan(kills);
});

it("R24: a hundred pages that come back after a kill double nothing", async ({ onTestFinished }) => {
  let { gateway, link } = await startWithFile(path);
  onTestFinished(async () => void (await gateway.stop()));
  const writers = await enterAll(gateway, link, 100);
  for (const writer of writers) writer.write();
  await kill(gateway);
  await Promise.all(writers.map(({ live }) => live.session.closed));
  for (const writer of writers) writer.write();
  gateway = await gateway.resume();
  await Promise.all(writers.map((writer) => writer.comeBack()));
  await expectWhole(gateway, writers);
});

it("R24: what a program wrote while the gateway was down is merged with the journal", async ({ onTestFinished }) => {
  let { gateway, link } = await startWithFile(path);
  onTestFinished(async () => void (await gateway.stop()));
  const writers = await enterAll(gateway, link, 3);
  for (let count = 0; count < 20; count++) for (const writer of writers) writer.write();
  await settled(writers);
  await kill(gateway);
  for (const writer of writers) writer.write();
  appendFileSync(join(gateway.workspace, path), "from a program\n");
  gateway = await gateway.resume();
  await Promise.all(writers.map((writer) => writer.comeBack()));
  await expectWhole(gateway, writers);
  expect(faultsIn(fileOf(gateway), ["from a program"])).toEqual([]);
});

it("R24: a record that was cut off is dropped, and nothing else", async ({ onTestFinished }) => {
  let { gateway, link } = await startWithFile(path);
  onTestFinished(async () => void (await gateway.stop()));
  const writers = await enterAll(gateway, link, 3);
  for (let count = 0; count < 20; count++) for (const writer of writers) writer.write();
  await settled(writers);
  await kill(gateway);
  appendFileSync(journalOf(gateway), '{"rev":61,"by":0,"client":"cut');
  gateway = await gateway.resume();
  await expect
    .poll(() =>
      faultsIn(
        fileOf(gateway),
        writers.flatMap((writer) => writer.lines),
      ),
    )
    .toEqual([]);
  for (const writer of writers) writer.write();
  await Promise.all(writers.map((writer) => writer.comeBack()));
  await expectWhole(gateway, writers);
});

/** The one journal of live editing below the gateway's home. */
function journalOf({ home }: RunningGateway): string {
  const names = readdirSync(home, { recursive: true, encoding: "utf8" });
  const journals = names.filter((name) => /live\/[0-9a-f]{64}\.log$/.test(name));
  expect(journals).toHaveLength(1);
  return join(home, journals[0] as string);
}
