import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongFilesFirst } from "./test/support/long-files-first.ts";
import { patience } from "./test/support/patience.ts";

/** Vitest would leave one processor idle. */
const processors = availableParallelism();

/**
 * Unit tests touch no process and no port. Integration tests listen on port 0 and wait now and then, so one more runs than there
 * are processors. End-to-end tests start the real thing: several browsers and servers, which keep more than one processor busy, and
 * up to 2 GB of memory each.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongFilesFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/test/unit/**/*.test.ts"],
          setupFiles: ["test/support/real-timers.ts", "test/support/own-modules.ts"],
          // Generated cases take more than the usual 5 s where many programs share the processors.
          testTimeout: 60_000,
          maxWorkers: processors,
          // Loading the same modules for each file took more than the tests; no test leaves anything behind in them.
          isolate: false,
          expect: { poll: patience },
        },
      },
      {
        test: {
          name: "integration",
          include: ["packages/*/test/integration/**/*.test.ts"],
          maxWorkers: processors + 1,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll: patience },
        },
      },
      {
        test: {
          name: "end-to-end",
          include: ["test/*/*.test.ts"],
          setupFiles: ["test/support/page/failed-pages.ts"],
          // The setup's come before a file's own.
          sequence: { hooks: "list" },
          exclude: ["test/{deploy,hubs}/**"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: Math.min(processors, 4),
          expect: { poll: patience },
        },
      },
      {
        test: {
          name: "deploy",
          include: ["test/deploy/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          expect: { poll: patience },
        },
      },
      {
        test: {
          name: "hubs",
          include: ["test/hubs/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          expect: { poll: patience },
        },
      },
    ],
  },
});
