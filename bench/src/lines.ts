import type { RowName } from "./options.ts";
import type { TargetName } from "./targets.ts";

/** What a figure should reach: so many times better than another target, or at most a value or a multiple of another's. */
export type Aim =
  | { readonly kind: "better"; readonly than: TargetName; readonly times: number }
  | { readonly kind: "atMost"; readonly value: number }
  | { readonly kind: "atMostTimes"; readonly of: TargetName; readonly times: number }
  | { readonly kind: "succeeds" };

/** One line of the published tables: a figure, who stands in which column, and the aims. */
export interface Line {
  readonly figure: string;
  readonly stack?: TargetName;
  readonly codeServer?: TargetName;
  readonly ours: TargetName;
  /** Said after the figure's title. */
  readonly note?: string;
  readonly better: "lower" | "higher";
  /** Left out where values may be near nothing, so that a ratio says nothing. */
  readonly ratio?: false;
  readonly aims: readonly Aim[];
}

export interface Table {
  readonly row: RowName;
  readonly title: string;
  readonly text: string;
  readonly lines: readonly Line[];
}

const straight = { stack: "stack", codeServer: "codeServer", ours: "waiide" } as const;
const behindProxy = {
  stack: "stackBehindProxy",
  ours: "waiideBehindProxy",
  note: "both behind configurable-http-proxy",
} as const;

/** Allowance for what "flat memory" means over 500 MB, in megabytes: buffers, and garbage not collected yet. */
const flatMegabytes = 50;

/** The tables in order; the aims are those of the design's table of speed. */
export const tables: readonly Table[] = [
  {
    row: "start",
    title: "Start",
    text: "From the start of the process to the first answer; jupyterhub-singleuser with a running hub. code-server has no `/api`: its `/healthz` was asked.",
    lines: [
      { figure: "start.answers", ...straight, better: "lower", aims: [{ kind: "better", than: "stack", times: 10 }] },
    ],
  },
  {
    row: "memory",
    title: "Memory when idle",
    text: "The process that answers, freshly started, nobody connected. What it starts (IDE server, code-server's parent process) is not counted.",
    lines: [
      { figure: "memory.resident", ...straight, better: "lower", aims: [{ kind: "atMost", value: 90 }] },
      { figure: "memory.proportional", ...straight, better: "lower", aims: [] },
    ],
  },
  {
    row: "http",
    title: "Proxied requests",
    text: "1 KiB through `/proxy/<port>/`, 32 keep-alive connections.",
    lines: [
      { figure: "http.requests", ...straight, better: "higher", aims: [{ kind: "better", than: "stack", times: 20 }] },
      { figure: "http.p99", ...straight, better: "lower", aims: [] },
      { figure: "http.requests", ...behindProxy, better: "higher", aims: [] },
      { figure: "http.p99", ...behindProxy, better: "lower", aims: [] },
    ],
  },
  {
    row: "websocket",
    title: "WebSocket",
    text: "Echo through `/proxy/<port>/`: 200 bytes one at a time; 16 KiB blocks, 32 under way.",
    lines: [
      {
        figure: "websocket.median",
        ...straight,
        better: "lower",
        aims: [{ kind: "atMostTimes", of: "direct", times: 1.5 }],
      },
      { figure: "websocket.p99", ...straight, better: "lower", aims: [] },
      { figure: "websocket.throughput", ...straight, better: "higher", aims: [] },
      { figure: "websocket.median", ...behindProxy, better: "lower", aims: [] },
      { figure: "websocket.throughput", ...behindProxy, better: "higher", aims: [] },
    ],
  },
  {
    row: "download",
    title: "500 MB download",
    text: `Through \`/proxy/<port>/\`. Memory is that of the process that answers; up to ${flatMegabytes} MB more than before counts as flat.`,
    lines: [
      { figure: "download.speed", ...straight, better: "higher", aims: [{ kind: "succeeds" }] },
      {
        figure: "download.growth",
        ...straight,
        ratio: false,
        better: "lower",
        aims: [{ kind: "atMost", value: flatMegabytes }],
      },
      { figure: "download.peak", ...straight, better: "lower", aims: [] },
      { figure: "download.speed", ...behindProxy, better: "higher", aims: [] },
    ],
  },
  {
    row: "workbench",
    title: "Workbench visible",
    text: "From the address to the explorer's rows in Chromium, throttled to 20 Mbit/s and 40 ms. Today's stack works in a browser only behind the hub's proxy, so ours stands behind the same proxy beside it, and straight beside code-server. All on http://127.0.0.1, where browsers offer brotli.",
    lines: [
      {
        figure: "workbench.cold",
        ...behindProxy,
        better: "lower",
        aims: [{ kind: "better", than: "stackBehindProxy", times: 3.5 }],
      },
      {
        figure: "workbench.cold",
        codeServer: "codeServer",
        ours: "waiide",
        better: "lower",
        aims: [{ kind: "better", than: "codeServer", times: 1.4 }],
      },
      {
        figure: "workbench.coldPageBytes",
        stack: "stackBehindProxy",
        codeServer: "codeServer",
        ours: "waiide",
        better: "lower",
        aims: [{ kind: "atMost", value: 4.2 }],
      },
      {
        figure: "workbench.coldBytes",
        stack: "stackBehindProxy",
        codeServer: "codeServer",
        ours: "waiide",
        better: "lower",
        aims: [{ kind: "atMost", value: 4.2 }],
      },
      {
        figure: "workbench.coldSocket",
        stack: "stackBehindProxy",
        codeServer: "codeServer",
        ours: "waiide",
        better: "lower",
        aims: [],
      },
      {
        figure: "workbench.second",
        ...behindProxy,
        better: "lower",
        aims: [{ kind: "better", than: "stackBehindProxy", times: 4 }],
      },
      {
        figure: "workbench.second",
        codeServer: "codeServer",
        ours: "waiide",
        better: "lower",
        aims: [{ kind: "better", than: "codeServer", times: 1.1 }],
      },
      {
        figure: "workbench.secondPageBytes",
        stack: "stackBehindProxy",
        codeServer: "codeServer",
        ours: "waiide",
        ratio: false,
        better: "lower",
        aims: [{ kind: "atMost", value: 0.1 }],
      },
      {
        figure: "workbench.secondBytes",
        stack: "stackBehindProxy",
        codeServer: "codeServer",
        ours: "waiide",
        ratio: false,
        better: "lower",
        aims: [{ kind: "atMost", value: 0.1 }],
      },
      {
        figure: "workbench.secondSocket",
        stack: "stackBehindProxy",
        codeServer: "codeServer",
        ours: "waiide",
        better: "lower",
        aims: [],
      },
    ],
  },
  {
    row: "spawn",
    title: "From the hub's start button to the workbench",
    text: "One real JupyterHub, two named servers of one user that differ only in the command: `waiide`, or jupyterhub-singleuser with jupyter-server-proxy beside an IDE server that starts at the same moment. The hub's page of progress and its login are part of the way; Chromium has a new profile, throttled to 20 Mbit/s and 40 ms.",
    lines: [
      { figure: "spawn.ready", ...behindProxy, better: "lower", aims: [] },
      {
        figure: "spawn.visible",
        ...behindProxy,
        better: "lower",
        aims: [{ kind: "better", than: "stackBehindProxy", times: 3 }],
      },
    ],
  },
];
