import type { Output } from "./notebook.ts";

/** An output is a script as Jupyter stores it, or HTML that may contain scripts. */
const javascript = "application/javascript";

/** Where Bokeh stores its library. */
const bokehLibrary = "application/vnd.bokehjs_load.v0+json";

/** A script of this size is a library, which the outputs after it need. UTF-16 units. */
const librarySize = 100_000;

/** The outputs before one, which its scripts can use: Jupyter shows them all in one page. */
export interface Earlier {
  /** Of other cells. */
  readonly above: readonly Output[];
  /** Of the same cell. */
  readonly beside: readonly Output[];
}

export function hasScript({ data }: Output): boolean {
  if (data["text/html"] !== undefined) return /<script\b|\son\w+\s*=/i.test(data["text/html"]);
  return data[javascript] !== undefined;
}

/**
 * The HTML of a frame in which an output's scripts run. Plotly and Bokeh store their library once, in an output of its own,
 * and a cell's figure beside its script: the frame contains both before the script.
 */
export function scriptedHtml(output: Output, { above, beside }: Earlier): string {
  const libraries = [...above, ...beside].filter(isLibrary);
  const places = output.data["text/html"] === undefined ? beside.filter((each) => !hasScript(each)) : [];
  return [...libraries, ...places, output].map(htmlOf).join("\n");
}

function isLibrary(output: Output): boolean {
  if (output.data[bokehLibrary] !== undefined) return true;
  return hasScript(output) && htmlOf(output).length > librarySize;
}

function htmlOf({ data }: Output): string {
  const script = data[javascript];
  return data["text/html"] ?? (script === undefined ? "" : `<script>${asScriptText(script)}</script>`);
}

/** Escapes text that would end the element or begin a comment. */
function asScriptText(script: string): string {
  return script.replace(/<(?=\/script|script|!--)/gi, "\\x3C");
}
