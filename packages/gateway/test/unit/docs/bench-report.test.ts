import { expect, it } from "vitest";
import type { Figure, Samples } from "../../../../../bench/src/figure.ts";
import { reportOf } from "../../../../../bench/src/report.ts";

/** The line of a figure in the report of a run that measured it alone. */
function lineOf(samples: Samples): string | undefined {
  const figure: Figure = { id: "http.requests", title: "proxied requests/s", unit: "/s", samples };
  const machine = { system: "", kernel: "", cores: 1, processor: "", memoryGigabytes: 1, loadBefore: 0 };
  const run = { measuredAt: "", rounds: 1, machine, versions: {}, commands: {}, figures: [figure] };
  return reportOf({ http: run }, {})
    .split("\n")
    .find((line) => line.startsWith("| proxied requests/s (/s)"));
}

it("proxied requests stand beside a bare Node proxy of the same run", () => {
  const faster = lineOf({ direct: [40_000], bare: [10_000], stack: [400], waiide: [12_000] });
  expect(faster).toContain("| 40,000 | 10,000 | 400 | – | 12,000 |");
  expect(faster).toContain("1.20 × better than a bare Node proxy");
  expect(faster).toContain("| yes; yes |");
  const slower = lineOf({ bare: [10_000], stack: [400], waiide: [8_000] });
  expect(slower).toContain("1.25 × worse than a bare Node proxy");
  expect(slower).toContain("| yes; no. 0.80 × where 1 × was the aim |");
});

it("a run without the bare proxy says that the ratio to it was not measured", () => {
  const line = lineOf({ stack: [400], waiide: [12_000] });
  expect(line).not.toContain("than a bare Node proxy,");
  expect(line).toContain("| yes; not measured |");
});
