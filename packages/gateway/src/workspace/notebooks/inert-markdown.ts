import MarkdownIt from "markdown-it";
import { activeTags, isInertAddress } from "./inert-html.ts";

/** Set as VS Code sets it for notebooks. */
const markdown = new MarkdownIt({ html: true, linkify: true });
markdown.linkify.set({ fuzzyLink: false });
// Every address becomes a link here, and is then judged: other renderers may take what this one would leave as text.
markdown.validateLink = () => true;
type Token = ReturnType<typeof markdown.parse>[number];

/** Pictures in the text itself, which can be long and are only letters. */
const picture = /data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/]+=*/gi;

/** A tag as CommonMark takes one; looked for in so many characters. */
const tag = /^<\/?[a-z][a-z0-9-]*(?:\s+[a-z_:][a-z0-9:._-]*(?:\s*=\s*(?:[^"'=<>`\s]+|'[^']*'|"[^"]*"))?)*\s*\/?>/i;
const maxTagLength = 4_000;

/** Names that begin a block of HTML whether or not the tag is complete on its line (CommonMark, kinds 1 and 6). */
const blockStart = new RegExp(
  `^</?(?:${[
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset",
    "figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav",
    "noframes|ol|optgroup|option|p|param|pre|script|search|section|style|summary|table|tbody|td|textarea|tfoot|th|thead|title",
    "tr|track|ul|svg|math|img|object|embed|video|audio",
  ].join("|")})(?=[\\s/>]|$)`,
  "i",
);

/** What in a Markdown text could run something when it is shown. */
export interface ActiveMarkdown {
  /** Whole paragraphs and blocks of HTML that hold it. */
  readonly passages: readonly string[];
  /** The tags of the text as a whole. */
  readonly tags: readonly string[];
}

/** A text without its pictures: the part to parse. */
export function withoutPictures(source: string): string {
  return source.replace(picture, "data:image/png;base64,AA");
}

/** @param source as `withoutPictures` gives it */
export function activeMarkdown(source: string): ActiveMarkdown {
  // Where other programs may see maths or a container, code need not be code to them.
  const isCodeSure = !/\$|:::|%%%|\{\{|!!!/.test(source);
  const tokens = markdown.parse(source, {});
  const passages = tokens.filter((token) => isActive(token, isCodeSure)).map(({ content }) => content);
  return { passages, tags: activeTags(markdown.renderer.render(tokens, markdown.options, {})) };
}

function isActive({ type, content, children }: Token, isCodeSure: boolean): boolean {
  if (type === "html_block") return activeTags(content).length > 0 || hasLooseTag(content);
  if (type === "fence" || type === "code_block") return !isCodeSure && hasLooseTag(content);
  if (type !== "inline") return false;
  return (children ?? []).some(isActiveInline) || hasLooseTag(isCodeSure ? withoutCode(content) : content);
}

function isActiveInline(token: Token): boolean {
  if (token.type === "html_inline") return activeTags(token.content).length > 0;
  const address = token.attrGet("href") ?? token.attrGet("src");
  return address !== null && !isInertAddress(String(address));
}

/** Code between backticks is text to everybody. */
function withoutCode(text: string): string {
  return text.replace(/(?<!`)(`+)(?!`)[^`]*(?:(?!\1(?!`))`+[^`]*)*?\1(?!`)/g, "");
}

/**
 * Whether a renderer with other rules than ours, such as those for maths, would see a tag. The text around it does not
 * count.
 */
function hasLooseTag(text: string): boolean {
  for (const { index } of text.matchAll(/(?<!\\)<(?=[a-z/])/gi)) {
    const rest = text.slice(index, index + maxTagLength);
    const whole = tag.exec(rest)?.[0];
    if (whole === undefined ? blockStart.test(rest) : activeTags(whole).length > 0) return true;
  }
  return false;
}
