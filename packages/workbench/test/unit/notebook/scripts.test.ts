import { expect, it } from "vitest";
import type { Output } from "../../../src/notebook/notebook.ts";
import { hasScript, scriptedHtml } from "../../../src/notebook/scripts.ts";

const output = (data: Record<string, string>): Output => ({
  kind: "display",
  isError: false,
  text: "",
  sizes: {},
  data,
});
const html = (text: string) => output({ "text/html": text });

it("knows which outputs hold scripts", () => {
  const outputs = [html("<p>a</p>"), html("<script>1</script>"), html('<img onerror="x">'), output({})];
  expect(outputs.map(hasScript)).toEqual([false, true, true, false]);
  expect(hasScript(output({ "application/javascript": "1" }))).toBe(true);
});

it("puts libraries before the output: a large script, and Bokeh's own", () => {
  const large = html(`<script>${"x".repeat(100_000)}</script>`);
  const bokeh = output({ "application/javascript": "load()", "application/vnd.bokehjs_load.v0+json": "load()" });
  const small = html("<script>other()</script>");
  const made = scriptedHtml(html("<script>draw()</script>"), { above: [large, bokeh, small], beside: [small] });
  expect(made.endsWith("x</script>\n<script>load()</script>\n<script>draw()</script>")).toBe(true);
});

it("puts the place of a figure before the script that draws there", () => {
  const place = html('<div id="figure"></div>');
  const script = output({ "application/javascript": "draw('figure')" });
  expect(scriptedHtml(script, { above: [html("<p>other cell</p>")], beside: [place] })).toBe(
    "<div id=\"figure\"></div>\n<script>draw('figure')</script>",
  );
});

it("a script's text does not end its element", () => {
  const script = output({ "application/javascript": "'</script><!--<SCRIPT>'" });
  expect(scriptedHtml(script, { above: [], beside: [] })).toBe("<script>'\\x3C/script>\\x3C!--\\x3CSCRIPT>'</script>");
});
