/** Heights of the sea in metres, one an hour: two tides a day, computed, not measured. */
const heights = Array.from({ length: 49 }, (_, hour) => 2.6 + 1.9 * Math.sin((2 * Math.PI * (hour - 2)) / 12.42));

const model = `"""Tides of a harbour, from two waves of the moon and one of the sun."""

import numpy as np

#: Name, amplitude in metres, period in hours.
CONSTITUENTS = [
    ("M2", 1.90, 12.42),
    ("S2", 0.62, 12.00),
    ("N2", 0.38, 12.66),
]


def height(hours: np.ndarray, mean: float = 2.6) -> np.ndarray:
    """Height of the sea above chart datum, in metres."""
    waves = [
        amplitude * np.sin(2 * np.pi * hours / period)
        for _name, amplitude, period in CONSTITUENTS
    ]
    return mean + np.sum(waves, axis=0)


def high_waters(hours: np.ndarray) -> np.ndarray:
    """Hours at which the sea is higher than just before and just after."""
    sea = height(hours)
    rising = sea[1:-1] > sea[:-2]
    falling = sea[1:-1] > sea[2:]
    return hours[1:-1][rising & falling]
`;

const readme = `# Tides

When can a ship of a draught of 3 m enter the harbour?

The sea is a sum of waves, $h(t) = h_0 + \\sum_i a_i \\sin(2\\pi t / T_i)$.

| file | what |
| --- | --- |
| \`model.py\` | the waves |
| \`tides.ipynb\` | two days of them |
| \`data/harbour.csv\` | what was measured |
`;

/** A chart as notebooks store it. */
function chart(): string {
  const points = heights.map((height, hour) => `${40 + hour * 11.25},${170 - height * 32}`).join(" ");
  const days = [0, 12, 24, 36, 48].map(
    (hour) => `<text x="${40 + hour * 11.25}" y="192" text-anchor="middle">${hour} h</text>`,
  );
  const metres = [0, 2, 4].map(
    (height) =>
      `<text x="30" y="${174 - height * 32}" text-anchor="end">${height} m</text><path d="M40 ${170 - height * 32}H580" stroke="#d0d7de"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="200" viewBox="0 0 600 200" font-family="sans-serif" font-size="11" fill="#57606a">${metres.join("")}${days.join("")}<path d="M40 74H580" stroke="#c2410c" stroke-dasharray="5 4"/><text x="445" y="68" text-anchor="middle" fill="#c2410c">deep enough</text><polyline points="${points}" fill="none" stroke="#2f48d8" stroke-width="2.5"/></svg>`;
}

const table = `<table border="1" class="dataframe"><thead><tr><th></th><th>hour</th><th>height</th><th>open for</th></tr></thead><tbody>
<tr><th>0</th><td>5.1</td><td>4.50 m</td><td>5 h 10 min</td></tr><tr><th>1</th><td>17.5</td><td>4.46 m</td><td>5 h 04 min</td></tr><tr><th>2</th><td>29.9</td><td>4.41 m</td><td>4 h 58 min</td></tr></tbody></table>`;

const code = (count: number, source: string, data: Readonly<Record<string, string>>) => ({
  cell_type: "code",
  execution_count: count,
  metadata: {},
  outputs: [{ output_type: "execute_result", execution_count: count, metadata: {}, data }],
  source,
});

const notebook = {
  cells: [
    {
      cell_type: "markdown",
      metadata: {},
      source: "## Two days in the harbour\n\nThe quay needs $h(t) \\ge 3$ m.",
    },
    code(1, "hours = np.arange(0, 48, 0.1)\nplot(hours, model.height(hours), limit=3)", { "image/svg+xml": chart() }),
    code(2, "pd.DataFrame(windows(hours, limit=3)).head(3)", { "text/html": table }),
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
};

const measured = heights.map((height, hour) => `${hour},${height.toFixed(2)}`);

/** What alice works on in the pictures, below her workspace. */
export const workspace: Readonly<Record<string, string>> = {
  "tides/README.md": readme,
  "tides/model.py": model,
  "tides/tides.ipynb": `${JSON.stringify(notebook, undefined, 1)}\n`,
  "tides/data/harbour.csv": `hour,height\n${measured.join("\n")}\n`,
  "tides/test_model.py":
    "import numpy as np\n\nfrom model import high_waters\n\n\ndef test_two_tides_a_day():\n    assert len(high_waters(np.arange(0, 24.8, 0.1))) == 2\n",
};
