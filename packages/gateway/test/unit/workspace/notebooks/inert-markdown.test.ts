import { describe, expect, it } from "vitest";
import { activeMarkdown, withoutPictures } from "../../../../src/workspace/notebooks/inert-markdown.ts";

function isActive(source: string): boolean {
  const { passages, tags } = activeMarkdown(withoutPictures(source));
  return passages.length + tags.length > 0;
}

describe("R11: Markdown that only shows something is let through", () => {
  it.each([
    "# A heading\n\n- a list with `code`, *stress* and a [page](https://example.org/a?b=c#d)",
    "x < y and z > 0, if a <b then c, Vec<String>, <module>, <https://example.org>",
    "Maths: $a<b$ and $c>d$\n\n$$\n0<x<1\n$$",
    "```html\n<script>alert(1)</script>\n```",
    "`<img src=x onerror=alert(1)>` and \\<img src=x onerror=alert(1)> and &lt;script&gt;",
    "![a picture](attachment:a.png) ![](img/b.svg) <img src='c.png' width=300 alt='x'>",
    `![](data:image/png;base64,${"iVBORw0KGgo".repeat(40_000)})`,
    '<div align="center" class="alert alert-info" style="color: red; background-color: #eee">\n\n**note**\n\n</div>',
    "<details open><summary>More</summary>\n\ntext\n\n</details>",
    "<a id='part-1'></a>\n<font color='red'>red</font> <br/> H<sub>2</sub>O <!-- a remark -->",
    "| a | b |\n| :-: | --: |\n| 1 | 2 |",
    "[mail](mailto:a@b.example) [part](#part-1) [other](other.ipynb)",
  ])("%s", (source) => {
    expect(isActive(source)).toBe(false);
  });
});

describe("R11: Markdown that could run something by being looked at is found", () => {
  it.each([
    "<img src=x onerror=alert(1)>",
    "text <img src=x onerror=alert(1)> text",
    "<IMG SRC=x OnErRoR=alert(1)>",
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='https://example.org'></iframe>",
    "<object data=x></object>",
    "<embed src=x>",
    "<style>@import 'x'</style>",
    "<link rel=stylesheet href=x>",
    "<meta http-equiv=refresh content='0; url=x'>",
    "<base href='https://example.org/'>",
    "<form action=x><button>press</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<video src=x onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<b onmouseover=alert(1)>x</b>",
    "<x-widget data=1></x-widget>",
    "<p style='position: fixed; top: 0; width: 100%'>cover</p>",
    "<p style='background: url(https://example.org/x)'>x</p>",
    "<p style='color: red; -moz-binding: url(x)'>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href=' &#1;javascript:alert(1)'>x</a>",
    "<a href='command:workbench.action.terminal.new'>x</a>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img src=x srcset='y 2x'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x][1]\n\n[1]: JavaScript:alert(1)",
    "[x](command:workbench.action.terminal.new)",
    "[x](vscode://some.extension)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    // One tag over several lines, also where quotes and lists put signs in between.
    "> <img src=x\n> onerror=alert(1)>",
    "- <img src=x\n  onerror=alert(1)>",
    "a <b\nonmouseover=alert(1)>",
    // An attribute that stays open takes the next tag's quotes for its own end.
    '<div title="\n\n<b title=" onmouseover=alert(1) x=">',
    // To a renderer with maths or containers this is no code.
    "$$\n```\n$$\n<img src=x onerror=alert(1)>\n```\n```",
    ":::note\n```\n:::\n<img src=x onerror=alert(1)>\n```",
    "`$`<img src=x onerror=alert(1)>`$`",
    "<!-- `-->` <img src=x onerror=alert(1)> -->",
    "`<!--` <img src=x onerror=alert(1)> `-->`",
  ])("%s", (source) => {
    expect(isActive(source)).toBe(true);
  });
});

it("a Markdown text made to be slow is read in good time", () => {
  const shapes = ["[", "*a ", "<a ", '<a x="', "&", ">", "![](", "<div\n", "_a__b", "- ", "`` ` ", "<b title='"];
  const started = performance.now();
  for (const shape of shapes) activeMarkdown(shape.repeat(100_000 / shape.length));
  expect(performance.now() - started).toBeLessThan(20_000);
});
