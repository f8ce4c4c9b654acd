/** Black or white, whichever is easier to read on a color such as `#4455ff`. */
export function tagTextOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => lightOf(Number.parseInt(color.slice(at, at + 2), 16)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > border ? "#000000" : "#ffffff";
}

/** Where black and white have the same contrast, as WCAG counts it. */
const border = 0.179;

/** @param value 0 to 255 */
function lightOf(value: number): number {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
