import { expect, it } from "vitest";
import { openerPolicy } from "../../../src/http/isolation.ts";

it.each([
  ["Chrome", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"],
  ["Chrome without a window", "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0"],
  ["Edge", "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0"],
])("R5: %s keeps every opener from our pages", (_name, agent) => {
  expect(openerPolicy({ headers: { "user-agent": agent } })).toBe("noopener-allow-popups");
});

it.each([
  ["Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"],
  ["Safari", "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"],
  ["a program", undefined],
])("R5: %s gets the nearest policy that it knows", (_name, agent) => {
  expect(openerPolicy({ headers: agent === undefined ? {} : { "user-agent": agent } })).toBe(
    "same-origin-allow-popups",
  );
});
