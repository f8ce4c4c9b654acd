import { expect, it } from "vitest";
import { guestColors, ownerColor } from "../../../../gateway/src/share/records/person-colors.ts";
import { tagTextOn } from "../../../src/browser/live/tag-color.ts";

type Triple = readonly [number, number, number];

/** Of editors: Light Modern and High Contrast Light, Dark Modern, Dark+, High Contrast. */
const backgrounds = ["#ffffff", "#1f1f1f", "#1e1e1e", "#000000"];
const colors = [...guestColors, ownerColor];

/** What people with a complete color-vision deficiency see, in linear light (Machado, Oliveira and Fernandes, 2009). */
const deficiencies: readonly (readonly [string, readonly Triple[]])[] = [
  [
    "normal",
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  ],
  [
    "protanopia",
    [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
  ],
  [
    "deuteranopia",
    [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
  ],
  [
    "tritanopia",
    [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  ],
];

it.each(colors)("%s has a contrast of 3:1 on the background of every theme", (color) => {
  for (const background of backgrounds) expect(contrast(color, background), background).toBeGreaterThanOrEqual(3);
});

it.each(colors)("a name on %s has a contrast of 4.5:1", (color) => {
  expect(contrast(color, tagTextOn(color))).toBeGreaterThanOrEqual(4.5);
});

it.each(deficiencies)("no two colors look alike: %s vision", (_name, seen) => {
  for (const [index, one] of colors.entries()) {
    for (const other of colors.slice(0, index)) {
      expect(distance(one, other, seen), `${one} and ${other}`).toBeGreaterThan(0.07);
    }
  }
});

function linear(color: string): Triple {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [red, green, blue];
}

function times(rows: readonly Triple[], [x, y, z]: Triple): Triple {
  const [a = 0, b = 0, c = 0] = rows.map((row) => row[0] * x + row[1] * y + row[2] * z);
  return [a, b, c];
}

/** As WCAG counts it. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [one, other]
    .map((color) => times([[0.2126, 0.7152, 0.0722]], linear(color))[0])
    .sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** In Oklab, where black and white are 1 apart. */
function distance(one: string, other: string, seen: readonly Triple[]): number {
  const [a, b] = [one, other].map((color) => oklab(clamped(times(seen, linear(color))))) as [Triple, Triple];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function clamped([x, y, z]: Triple): Triple {
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  return [clamp(x), clamp(y), clamp(z)];
}

function oklab(color: Triple): Triple {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    color,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    [Math.cbrt(cones[0]), Math.cbrt(cones[1]), Math.cbrt(cones[2])],
  );
}
