import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LiveServerMessage } from "@waiide/protocol";
import { ChangeSet, LiveClient } from "@waiide/protocol/live";
import { expect, it, onTestFinished } from "vitest";
import { makeFolder } from "../workspace/harness.ts";

const kills = 6;
const program = join(import.meta.dirname, "fixtures/live-process.ts");

/** A page that types numbers, whatever happens to the process that it talks to. */
class Typist {
  client: LiveClient | undefined;
  typed = 0;
  acknowledged = 0;
  #child: ChildProcess | undefined;
  #waiting: (() => void)[] = [];
  #doc: number | undefined;

  async connect(folder: string): Promise<ChildProcess> {
    const child = fork(program, [folder], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    this.#child = child;
    this.#doc = undefined;
    await once(child, "message");
    child.on("message", (message) => this.#take(message as LiveServerMessage));
    child.send({ type: "live-open", path: "a.txt", ...(this.client?.reopen() ?? { client: "typist-1" }) });
    await this.until(() => this.#doc !== undefined);
    return child;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  #take(message: LiveServerMessage): void {
    const { client } = this;
    if (message.type === "live-opened") {
      this.#doc = message.doc;
      if (client === undefined) this.client = new LiveClient("typist-1", { ...message, text: message.text ?? "" });
      else client.reopened(message);
    }
    if (message.type === "live-changes") client?.receive(message.rev, message.changes);
    if (message.type === "live-reset") client?.reset(message);
    this.#type();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** The next number, once the last one is acknowledged. */
  #type(): void {
    const { client } = this;
    if (client === undefined) return;
    if (!client.unacknowledged) {
      this.acknowledged = this.typed;
      this.typed += 1;
      const end = client.shown.length;
      client.edit(ChangeSet.of({ from: end, insert: `${this.typed}\n` }, end));
    }
    const next = client.next();
    if (next !== undefined && this.#child?.connected)
      this.#child.send({ type: "live-change", doc: this.#doc, ...next });
  }
}

function numbers(count: number): string {
  return Array.from({ length: count }, (_, index) => `${index + 1}\n`).join("");
}

it("R24: killed again and again, nothing acknowledged is lost and nothing is there twice", async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, "root"));
  await writeFile(join(folder, "root/a.txt"), "");
  const typist = new Typist();
  for (let kill = 0; kill < kills; kill += 1) {
    const child = await typist.connect(folder);
    const goal = typist.acknowledged + Math.floor(Math.random() * 150);
    await typist.until(() => typist.acknowledged >= goal);
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  await typist.connect(folder);
  const last = typist.typed;
  await typist.until(() => typist.acknowledged >= last);
  const { confirmed } = typist.client as LiveClient;

  expect(confirmed.toString()).toBe(numbers(last));
  const disk = await readFile(join(folder, "root/a.txt"), "utf8");
  expect(numbers(last).startsWith(disk)).toBe(true);
});
