/**
 * Loaded first by every program of `npm run test:late`: changes of files are reported late, what sockets receive arrives late, and
 * files answer late, each at random. What depends on who is first then fails, here rather than on another machine.
 */
import fs, { promises } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";

/** The longest delays. Milliseconds. */
const changes = 300;
const data = 25;
const accesses = 3;

/** Tests that stop the clock do not stop these. */
const later = setTimeout;
const upTo = (most: number) => Math.random() * most;

type Method = (...values: unknown[]) => unknown;

function delayChanges(): void {
  const watcher = fs.watch(import.meta.dirname, { persistent: false });
  const kind = Object.getPrototypeOf(watcher) as { emit: Method };
  watcher.close();
  const { emit } = kind;
  kind.emit = function (event, ...rest) {
    if (event !== "change") return emit.call(this, event, ...rest);
    later(() => emit.call(this, event, ...rest), upTo(changes)).unref();
    return true;
  };
}

function delayData(): void {
  const kind = Socket.prototype as unknown as { push: Method };
  const { push } = kind;
  const waiting = new WeakMap<object, unknown[][]>();
  kind.push = function (this: Socket, ...values) {
    const queue = waiting.get(this) ?? [];
    waiting.set(this, queue);
    if (queue.length === 0 && values[0] === null) return push.apply(this, values);
    queue.push(values);
    const deliver = () => {
      const next = queue.shift() ?? [];
      if (!this.destroyed || next[0] === null) push.apply(this, next);
      if (queue.length > 0) later(deliver, upTo(data));
    };
    if (queue.length === 1) later(deliver, upTo(data));
    // Reading goes on once this was delivered.
    return false;
  };
}

function delayAccesses(): void {
  const names = [
    "readFile",
    "stat",
    "lstat",
    "open",
    "writeFile",
    "rename",
    "readdir",
    "realpath",
    "unlink",
    "rm",
    "mkdir",
  ];
  const all = promises as unknown as Record<string, Method>;
  for (const name of names) {
    const original = all[name];
    if (original === undefined) throw new Error(`Node has no fs.promises.${name}`);
    all[name] = async function (...values) {
      await new Promise((resolve) => later(resolve, upTo(accesses)));
      return original.apply(this, values);
    };
  }
  syncBuiltinESMExports();
}

delayChanges();
delayData();
delayAccesses();
