import type { Contender, Figure } from "./figure.ts";
import { type Aim, type Column, type Line, peerColumns, type Table, tables } from "./lines.ts";
import type { Results, RowResult } from "./results.ts";
import { median } from "./statistics.ts";

/** Why an aim is missed, by figure and the target that is ours in that line: written by people, shown where it is missed. */
export type Reasons = Readonly<Record<string, string>>;

const called: Record<Contender, string> = {
  direct: "no proxy",
  bare: "a bare Node proxy",
  stack: "the stack",
  stackBehindProxy: "the stack",
  codeServer: "code-server",
  waiide: "ours",
  waiideBehindProxy: "ours",
  machine: "the machine alone",
  owner: "the owner's IDE",
  guest: "the guest workbench",
  relay: "a bare relay",
};

/** RESULTS.md as a whole. */
export function reportOf(results: Results, reasons: Reasons): string {
  const measured = tables.flatMap((table) => {
    const result = results[table.row];
    return result ? [{ table, result }] : [];
  });
  return [
    "# Measured beside the peers",
    "",
    "Written by `npm run bench`; do not edit. What is measured and how: [README.md](README.md). Every sample: [results.json](results.json).",
    "Medians of interleaved rounds, in brackets the lowest and highest round. “Today's stack” is jupyterhub-singleuser with",
    "jupyter-server-proxy. Ratios compare within one run on one machine; the absolute numbers are that machine's.",
    "",
    ...measured.flatMap(({ table, result }) => section(table, result, reasons)),
    ...environments(measured.map(({ table, result }) => ({ title: table.title, result }))),
  ].join("\n");
}

function section(table: Table, result: RowResult, reasons: Reasons): string[] {
  const columns = table.columns ?? peerColumns;
  const lines = table.lines.flatMap((line) => {
    const figure = result.figures.find(({ id }) => id === line.figure);
    return figure ? [tableLine(line, columns, figure, reasons)] : [];
  });
  return [
    `## ${table.title}`,
    "",
    table.text,
    "",
    `| figure | ${columns.map(({ title }) => title).join(" | ")} | ratio | aim | reached |`,
    `|---|${"---|".repeat(columns.length)}---|---|---|`,
    ...lines,
    "",
  ];
}

function tableLine(line: Line, columns: readonly Column[], figure: Figure, reasons: Reasons): string {
  const title = `${figure.title}${line.note === undefined ? "" : `, ${line.note}`} (${figure.unit})`;
  const judged = line.aims.map((aim) => verdict(aim, line, figure));
  const missed = judged.filter(({ reached }) => reached === false).map(({ sentence }) => sentence);
  const why = reasons[`${line.figure} ${line.ours}`];
  const reason = missed.length > 0 && why !== undefined ? [why] : [];
  const states = judged.map(({ reached }) => (reached === undefined ? "not measured" : reached ? "yes" : "no"));
  const cells = [
    title,
    ...columns.map(({ contender }) => cell(figure, contender(line))),
    ratios(line, figure),
    line.aims.map((aim) => aimText(aim, figure)).join("; ") || "–",
    [states.join("; ") || "–", ...missed, ...reason].join(". "),
  ];
  return `| ${cells.join(" | ")} |`;
}

function cell(figure: Figure, target: Contender | undefined): string {
  if (target === undefined) return "–";
  const remark = figure.remarks?.[target];
  const samples = figure.samples[target] ?? [];
  if (samples.length === 0) return remark ?? "–";
  const spread = samples.length > 1 ? ` (${number(Math.min(...samples))}–${number(Math.max(...samples))})` : "";
  return number(median(samples)) + spread + (remark === undefined ? "" : `; ${remark}`);
}

/** How many times better ours is; below 1 it is worse. */
function timesBetter(line: Line, figure: Figure, than: Contender): number {
  const [ours, theirs] = [median(figure.samples[line.ours] ?? []), median(figure.samples[than] ?? [])];
  return line.better === "lower" ? theirs / ours : ours / theirs;
}

function ratios(line: Line, figure: Figure): string {
  if (line.ratio === false) return "–";
  const others: Contender[] = [line.stack, line.codeServer, line.beside].filter((name) => name !== undefined);
  const parts = others.flatMap((other) => {
    const times = timesBetter(line, figure, other);
    if (!Number.isFinite(times)) return [];
    return [`${number(Math.max(times, 1 / times))} × ${times < 1 ? "worse" : "better"} than ${called[other]}`];
  });
  const direct = line.aims.find((aim) => aim.kind === "atMostTimes");
  if (direct) parts.push(`${number(1 / timesBetter(line, figure, direct.of))} × ${called[direct.of]}`);
  return parts.join(", ") || "–";
}

function aimText(aim: Aim, figure: Figure): string {
  if (aim.kind === "better") return `≥ ${aim.times} × better than ${called[aim.than]}`;
  if (aim.kind === "atMost") return `≤ ${aim.value} ${figure.unit}`;
  if (aim.kind === "atMostTimes") return `≤ ${aim.times} × ${called[aim.of]}`;
  return "all of it arrives";
}

/** Whether an aim is reached; undefined where ours or the other was not measured. */
function verdict(aim: Aim, line: Line, figure: Figure): { reached: boolean | undefined; sentence: string } {
  const remark = figure.remarks?.[line.ours];
  if (remark !== undefined) return { reached: false, sentence: `It ${remark}` };
  const ours = median(figure.samples[line.ours] ?? []);
  if (Number.isNaN(ours)) return { reached: undefined, sentence: "" };
  if (aim.kind === "succeeds") return { reached: true, sentence: "" };
  if (aim.kind === "atMost") {
    return {
      reached: ours <= aim.value,
      sentence: `${number(ours)} ${figure.unit} where at most ${aim.value} was the aim`,
    };
  }
  const times = timesBetter(line, figure, aim.kind === "better" ? aim.than : aim.of);
  if (Number.isNaN(times)) return { reached: undefined, sentence: "" };
  if (aim.kind === "better") {
    return { reached: times >= aim.times, sentence: `${number(times)} × where ${aim.times} × was the aim` };
  }
  return {
    reached: 1 / times <= aim.times,
    sentence: `${number(1 / times)} × where at most ${aim.times} × was the aim`,
  };
}

/** Three significant digits at most below a thousand, whole numbers with separators above. */
function number(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value.toFixed(Math.abs(value) >= 0.1 || value === 0 ? 2 : 3);
}

/** Where, when and with what: once for all rows measured alike. */
function environments(rows: { title: string; result: RowResult }[]): string[] {
  const groups = Map.groupBy(rows, ({ result: { machine, versions } }) =>
    JSON.stringify([{ ...machine, loadBefore: 0 }, versions]),
  );
  return [...groups.values()].flatMap((group) => {
    const { machine, versions } = (group[0] as (typeof group)[number]).result;
    const commands = Object.assign({}, ...group.map(({ result }) => result.commands)) as Record<string, string>;
    return [
      `## How it was run${groups.size > 1 ? `: ${group.map(({ title }) => title).join(", ")}` : ""}`,
      "",
      `${machine.system}, Linux ${machine.kernel}; ${machine.cores} cores of ${machine.processor}; ${machine.memoryGigabytes} GB.`,
      "",
      "| row | measured | rounds | load average before |",
      "|---|---|---|---|",
      ...group.map(
        ({ title, result }) =>
          `| ${title} | ${result.measuredAt} | ${result.rounds} | ${result.machine.loadBefore.toFixed(2)} |`,
      ),
      "",
      "| program | version |",
      "|---|---|",
      ...Object.entries(versions).map(([name, version]) => `| ${name} | ${version} |`),
      "",
      "Commands, run from the repository's folder as `npm run bench` runs them (`$FOLDER` is a temporary one, ports are free ones):",
      "",
      "```",
      ...Object.entries(commands).map(([name, command]) => `${name}: ${command}`),
      "```",
      "",
    ];
  });
}
