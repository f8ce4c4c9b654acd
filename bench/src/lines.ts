import type { Contender } from "./figure.ts";
import type { RowName } from "./options.ts";

/** What a figure should reach: so many times better than another target, or at most a value or a multiple of another's. */
export type Aim =
  | { readonly kind: "better"; readonly than: Contender; readonly times: number }
  | { readonly kind: "atMost"; readonly value: number }
  | { readonly kind: "atMostTimes"; readonly of: Contender; readonly times: number }
  | { readonly kind: "succeeds" };

/** One line of the published tables: a figure, who stands in which column, and the aims. */
export interface Line {
  readonly figure: string;
  readonly stack?: Contender;
  readonly codeServer?: Contender;
  /** What ours stands beside besides the peers, or in tables that have none. */
  readonly beside?: Contender;
  readonly ours: Contender;
  /** Said after the figure's title. */
  readonly note?: string;
  readonly better: "lower" | "higher";
  /** Left out where values may be near nothing, so that a ratio says nothing. */
  readonly ratio?: false;
  readonly aims: readonly Aim[];
}

/** A column of values: its title, and who stands there in a line. */
export interface Column {
  readonly title: string;
  readonly contender: (line: Line) => Contender | undefined;
}

export interface Table {
  readonly row: RowName;
  /** Default: the peers. */
  readonly columns?: readonly Column[];
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

// One no-proxy figure is enough for the lines that share it.
const noProxy: Column = { title: "no proxy", contender: (line) => (line.note === undefined ? "direct" : undefined) };
const peers: readonly Column[] = [
  { title: "today's stack", contender: (line) => line.stack },
  { title: "code-server", contender: (line) => line.codeServer },
  { title: "ours", contender: (line) => line.ours },
];
export const peerColumns: readonly Column[] = [noProxy, ...peers];
const besideColumns = (beside: string, ours: string): readonly Column[] => [
  { title: beside, contender: (line) => line.beside },
  { title: ours, contender: (line) => line.ours },
];
const alone = { beside: "machine", ours: "waiide" } as const;
const owner = { beside: "owner", ours: "guest", better: "lower" } as const;
const relay = { beside: "relay", ours: "waiide", better: "lower" } as const;
const lower = { ours: "waiide", better: "lower" } as const;

/** Allowance for what "flat memory" means over 500 MB, in megabytes: buffers, and garbage not collected yet. */
const flatMegabytes = 50;

/** Guests see what others do, and are out, within a second. Milliseconds. */
const second = 1_000;

/** From a key to the other's page, at the 99th percentile. Milliseconds. */
const keyLatency = 50;

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
    text: "1 KiB through `/proxy/<port>/`, 32 keep-alive connections. The bare Node proxy is `node:http` on both sides and passes everything on: without prefix, login and rules for headers, it is what Node itself costs.",
    columns: [noProxy, { title: "a bare Node proxy", contender: (line) => line.beside }, ...peers],
    lines: [
      {
        figure: "http.requests",
        ...straight,
        beside: "bare",
        better: "higher",
        aims: [
          { kind: "better", than: "stack", times: 20 },
          { kind: "better", than: "bare", times: 1 },
        ],
      },
      { figure: "http.p99", ...straight, beside: "bare", better: "lower", aims: [] },
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
    row: "editor",
    title: "A colored file and working extensions",
    text: "As for the workbench, each time with a new profile: the file is clicked as soon as the explorer shows it. VS Code colors text once it knows all extensions. How often its page is sent their list, and who asks: [README.md](README.md).",
    lines: (["colored", "extensions", "received", "sent"] as const).flatMap((name): Line[] => [
      { figure: `editor.${name}`, ...behindProxy, better: "lower", aims: [] },
      { figure: `editor.${name}`, codeServer: "codeServer", ours: "waiide", better: "lower", aims: [] },
    ]),
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
  {
    row: "sharing",
    title: "30 guests in one share",
    text: "View Only guests of one workspace, each with its session's WebSocket, the root and two folders expanded and two files open, at a fresh gateway each round. The machine alone: `readdir` and `lstat` of the folder in Node; ripgrep run by itself.",
    columns: besideColumns("the machine alone", "ours"),
    lines: [
      { figure: "sharing.memoryBefore", ...lower, aims: [] },
      { figure: "sharing.memory", ...lower, aims: [] },
      { figure: "sharing.memoryFirst", ...lower, aims: [] },
      { figure: "sharing.memoryEach", ...lower, ratio: false, aims: [] },
      { figure: "sharing.cpuStill", ...lower, aims: [] },
      { figure: "sharing.changeMedian", ...lower, aims: [] },
      { figure: "sharing.changeP99", ...lower, aims: [{ kind: "atMost", value: second }] },
      { figure: "sharing.changeCpu", ...lower, aims: [] },
      { figure: "sharing.burst", ...lower, aims: [{ kind: "atMost", value: second }] },
      { figure: "sharing.burstCpu", ...lower, aims: [] },
      { figure: "sharing.list", ...alone, better: "lower", aims: [] },
      { figure: "sharing.search", ...alone, better: "lower", aims: [] },
      { figure: "sharing.find", ...lower, aims: [] },
      { figure: "sharing.revoke", ...lower, aims: [{ kind: "atMost", value: second }] },
    ],
  },
  {
    row: "live",
    title: "Writing together",
    text: "Full Access guests in one file, each with its session's WebSocket and the client of the guest page; a typist presses a key every 140 ms for 10 s. A bare relay passes every message on to everybody and knows nothing of texts, order, rights or files. All on one machine: what measures takes its share of the processors.",
    columns: besideColumns("a bare relay", "ours"),
    lines: [
      { figure: "live.pairMedian", ...relay, aims: [] },
      { figure: "live.pairP99", ...relay, aims: [{ kind: "atMost", value: keyLatency }] },
      { figure: "live.largeMedian", ...relay, aims: [] },
      { figure: "live.largeP99", ...relay, aims: [{ kind: "atMost", value: keyLatency }] },
      { figure: "live.crowdMedian", ...relay, aims: [] },
      { figure: "live.crowdP99", ...relay, aims: [{ kind: "atMost", value: keyLatency }] },
      { figure: "live.crowdCpu", ...relay, aims: [{ kind: "atMost", value: 25 }] },
      { figure: "live.crowdBytes", ...relay, aims: [] },
      { figure: "live.memoryEach", ...relay, ratio: false, aims: [] },
    ],
  },
  {
    row: "store",
    title: "Making shares",
    text: "Over the control socket; each share, its link and its audit entry are on disk before the answer. The machine alone: three rows a transaction with SQLite and the same settings, one after another.",
    columns: besideColumns("the machine alone", "ours"),
    lines: [
      { figure: "store.rate", ...alone, better: "higher", aims: [] },
      { figure: "store.median", ...alone, better: "lower", aims: [] },
      { figure: "store.p99", ...alone, better: "lower", aims: [] },
    ],
  },
  {
    row: "commits",
    title: "A shared commit of 50,000 objects",
    text: "49,000 small files in one commit of the workspace. Made: until the share's own repository is packed, checked and published. The machine alone: `git daemon` with the repository that guests clone.",
    columns: besideColumns("the machine alone", "ours"),
    lines: [
      { figure: "commits.make", ...lower, aims: [{ kind: "atMost", value: 5 }] },
      { figure: "commits.view", ...lower, aims: [{ kind: "atMost", value: 1.5 }] },
      { figure: "commits.clone", ...alone, better: "lower", aims: [{ kind: "better", than: "machine", times: 0.7 }] },
      { figure: "commits.memory", ...lower, aims: [{ kind: "atMost", value: 50 }] },
    ],
  },
  {
    row: "guest",
    title: "A guest's first file",
    text: "From the click on a link to the text of a file in the editor, the landing page with its name and button included (filled in and clicked at once, and where the whole workspace is shared the file is clicked in the explorer at once), beside the owner's IDE of the same gateway, where the same file is clicked. Chromium throttled to 20 Mbit/s and 40 ms, on http://127.0.0.1.",
    columns: besideColumns("owner's IDE", "guest workbench"),
    lines: [
      { figure: "guest.cold", ...owner, aims: [{ kind: "better", than: "owner", times: 1.5 }] },
      { figure: "guest.coldBytes", ...owner, aims: [{ kind: "atMost", value: 3.6 }] },
      { figure: "guest.second", ...owner, aims: [] },
      { figure: "guest.secondBytes", ...owner, ratio: false, aims: [{ kind: "atMost", value: 0.2 }] },
      { figure: "guest.single", ...owner, aims: [] },
      { figure: "guest.singleBytes", ...owner, aims: [{ kind: "atMost", value: 3.6 }] },
      { figure: "guest.coldHeap", ...owner, aims: [] },
      { figure: "guest.coldServer", ...owner, ratio: false, aims: [] },
    ],
  },
];
