import anser from "anser";
import { button, element } from "../page/element.ts";
import { targetOf } from "../rendered/address.ts";
import { renderMarkdown, sanitizedText } from "../rendered/markdown.ts";
import { SafeFrame } from "../rendered/safe-frame.ts";
import type { Surroundings } from "../rendered/surroundings.ts";
import type { Output } from "./notebook.ts";
import { type FrameKind, OutputFrame } from "./output-frame.ts";
import { type Earlier, hasScript, scriptedHtml } from "./scripts.ts";
import { terminalText } from "./terminal-text.ts";

export interface Rendered {
  readonly element: HTMLElement;
  dispose(): void;
}

export interface OutputOptions {
  readonly surroundings: Surroundings;
  /** The outputs before this one in its notebook, at this moment. */
  earlier(): Earlier;
}

type Renderer = (content: string, options: OutputOptions, output: Output) => Rendered;

/** Types that can be shown, best first. */
const renderers: Readonly<Record<string, Renderer>> = {
  "text/html": renderHtml,
  "application/javascript": (_content, options, output) => renderHtml(onlyScript, options, output),
  "image/svg+xml": renderHtml,
  "image/png": picture("image/png"),
  "image/jpeg": picture("image/jpeg"),
  "image/gif": picture("image/gif"),
  "image/webp": picture("image/webp"),
  "text/markdown": markdown,
  "text/latex": (content, options) => markdown(asMaths(content), options),
  "application/json": (content) => plain(element("pre", {}, content)),
  "text/plain": (content) => plain(ansi(content)),
};

const onlyScript = "<p>This output is a script.</p>";

/** Types that need a Jupyter extension, which is not available here. */
const drawn: Readonly<Record<string, string>> = {
  "application/vnd.plotly.v1+json": 'Plotly, without its script. With fig.show(renderer="notebook") it is kept too',
};

export function renderOutput(output: Output, options: OutputOptions): Rendered {
  if (output.kind !== "display") {
    const text = ansi(output.text);
    text.classList.toggle("error", output.isError);
    return plain(text);
  }
  for (const [mime, render] of Object.entries(renderers)) {
    const content = output.data[mime];
    if (content !== undefined) return render(content, options, output);
  }
  const kinds = Object.keys(output.data).map((kind) => drawn[kind] ?? kind);
  return plain(element("p", { class: "soft" }, `Output of a kind that cannot be shown here: ${kinds.join(", ")}.`));
}

/** Static at first; a script runs only when a person asks for it. */
function renderHtml(content: string, { earlier, surroundings }: OutputOptions, output: Output): Rendered {
  const box = element("div", { class: "html-output" });
  let frame: OutputFrame | undefined;
  const show = (kind: FrameKind, html: string) => {
    frame?.dispose();
    frame = new OutputFrame(html, kind);
    frame.onLink((address) => surroundings.open(targetOf(address, surroundings.path)));
    box.prepend(frame.element);
  };
  show("still", sanitizedText(content, !hasScript(output)));
  if (hasScript(output)) {
    const run = button("Run this output's script", () => {
      run.remove();
      show("scripted", scriptedHtml(output, earlier()));
      frame?.onRefused((host) => tellRefused(box, host));
    });
    run.title = "It runs apart from this page and without network.";
    box.append(run);
  }
  return { element: box, dispose: () => frame?.dispose() };
}

/** A script supplied the host: plain text, cut to the length of a name. */
function tellRefused(box: HTMLElement, host: string): void {
  box.querySelector(".refused")?.remove();
  const text = `This output needs something from ${host}. Outputs have no network here, so it may not be complete.`;
  box.append(element("p", { class: "soft refused", role: "status" }, text));
}

/** The size that the program asked for; high-density pictures have half their pixel size. */
function picture(type: string): Renderer {
  return (content, _options, { sizes }) => {
    const { width, height } = sizes[type] ?? {};
    const source = `data:${type};base64,${content.replace(/\s/g, "")}`;
    const shown = element("img", { src: source, alt: "Picture in the output" });
    if (width !== undefined) shown.width = width;
    if (height !== undefined) shown.height = height;
    return plain(shown);
  };
}

function markdown(content: string, { surroundings }: OutputOptions): Rendered {
  const frame = new SafeFrame(surroundings, "Output", "cell");
  void frame.show(() => renderMarkdown(content, surroundings));
  return frame;
}

/** In `$$` already, or an environment that needs them. */
function asMaths(latex: string): string {
  return latex.trim().startsWith("$") ? latex : `$$\n${latex}\n$$`;
}

/** Terminal text: colors as classes, everything else as text. */
function ansi(text: string): HTMLElement {
  const spans = anser.ansiToJson(terminalText(text), { use_classes: true, remove_empty: true }).map((part) => {
    const names = [part.fg && `ansi-fg-${part.fg}`, part.bg && `ansi-bg-${part.bg}`, ...part.decorations];
    const classes = names.filter((name) => typeof name === "string" && /^[\w-]+$/.test(name)).join(" ");
    return classes === "" ? part.content : element("span", { class: classes }, part.content);
  });
  return element("pre", { class: "text-output" }, ...spans);
}

function plain(made: HTMLElement): Rendered {
  return { element: made, dispose: () => made.remove() };
}
