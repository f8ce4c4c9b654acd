import { SAXParser, type StartTag } from "parse5-sax-parser";

/** Elements that show something and do nothing. Any other name is inert, too, as long as it has no attribute. */
const shown = new Set(
  [
    "a abbr b bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure",
    "font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd label li main mark nav ol p pre q rp rt ruby s samp section small",
    "span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr article aside",
  ].flatMap((names) => names.split(" ")),
);

/** Elements that run, fetch, submit, cover or change how the rest is read, with or without attributes. */
const active = new Set(
  [
    "animate animatemotion animatetransform applet audio base basefont bgsound body button canvas command dialog embed form",
    "frame frameset head html iframe image input isindex keygen link listing map marquee math menuitem meta noembed noframes",
    "noscript object option optgroup param picture plaintext portal script select set slot source style svg template textarea",
    "title track use video xml xmp foreignobject annotation-xml",
  ].flatMap((names) => names.split(" ")),
);

const word = /^[\w .,:;+#%()/&!?*@~='’–-]*$/u;
const name = /^[\w.: -]*$/;

/** Attributes of any element, and what their values may be. */
const attributes: Readonly<Record<string, (value: string) => boolean>> = {
  ...Object.fromEntries(
    ["align", "valign", "bgcolor", "border", "cellpadding", "cellspacing", "color", "cols", "colspan", "rows"]
      .concat(["rowspan", "datetime", "dir", "face", "headers", "height", "lang", "open", "rel", "reversed", "role"])
      .concat(["scope", "size", "span", "start", "target", "type", "value", "width", "class", "id", "name", "hspace"])
      .concat(["vspace", "nowrap", "loading", "decoding", "disabled", "hidden"])
      .map((attribute) => [attribute, (value: string) => name.test(value) || word.test(value)]),
  ),
  alt: (value) => !value.includes("<"),
  title: (value) => !value.includes("<"),
  href: isInertAddress,
  src: isInertAddress,
  cite: isInertAddress,
  style: isInertStyle,
};

/**
 * Start tags in HTML that could run something, fetch a document or cover the page. It works by an allowlist: everything not
 * known to be harmless is returned.
 */
export function activeTags(html: string): string[] {
  const found: string[] = [];
  const parser = new SAXParser();
  parser.on("startTag", (tag) => {
    if (!isInertTag(tag)) found.push(JSON.stringify([tag.tagName, tag.attrs.map((one) => [one.name, one.value])]));
  });
  parser.end(html);
  return found;
}

function isInertTag({ tagName, attrs }: StartTag): boolean {
  if (active.has(tagName)) return false;
  if (!shown.has(tagName)) return attrs.length === 0 && /^[a-z][a-z0-9._]*$/.test(tagName);
  return attrs.every((attribute) => {
    if (attribute.prefix !== undefined && attribute.prefix !== "") return false;
    const isInert = Object.hasOwn(attributes, attribute.name) ? attributes[attribute.name] : undefined;
    if (isInert !== undefined) return isInert(attribute.value);
    return /^aria-[a-z]+$/.test(attribute.name) && word.test(attribute.value);
  });
}

/** Web pages, mail, places in the same folder or text, and raster pictures in the address itself. */
export function isInertAddress(address: string): boolean {
  // Browsers strip blanks and control characters before they parse the scheme.
  const plain = [...address].filter((character) => character > " " && character !== "\u007f").join("");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(plain)?.[1]?.toLowerCase();
  if (scheme === undefined) return !plain.includes("<");
  if (scheme === "data") return /^data:image\/(png|jpeg|gif|webp);base64,[a-z0-9+/=%]*$/i.test(plain);
  return ["http", "https", "mailto", "attachment"].includes(scheme);
}

const styles = new Set(
  [
    "color background background-color text-align text-decoration text-indent text-transform vertical-align white-space",
    "width height max-width max-height min-width min-height line-height letter-spacing list-style list-style-type",
    "border-radius border-collapse border-spacing border-color border-style border-width display float clear overflow",
  ].flatMap((names) => names.split(" ")),
);

function isInertStyle(style: string): boolean {
  return style.split(";").every((declaration) => {
    if (declaration.trim() === "") return true;
    const [property = "", value = "", ...more] = declaration.split(":").map((part) => part.trim().toLowerCase());
    if (more.length > 0 || !/^[\w\s.,#%()!'"-]*$/.test(value)) return false;
    // Nothing is fetched, and nothing reaches over its own place.
    if (/\b(?:url|var|env|attr|expression|image|image-set|element)\s*\(|(?:^|[\s:])-/.test(value)) return false;
    return styles.has(property) || /^(?:font|margin|padding|border)(?:-(?:[a-z]+))*$/.test(property);
  });
}
