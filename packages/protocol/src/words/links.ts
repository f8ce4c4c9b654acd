/** A piece of a text; `address` where it looks like a web address, which a page checks before it makes it a link. */
export interface TextPiece {
  readonly text: string;
  readonly address?: string;
}

const webAddress = /\bhttps?:\/\/[\p{L}\p{N}][^\s<>"'`{}|\\^[\]]*/giu;
/** What ends a sentence, not an address. */
const trailing = /[.,;:!?)\]]+$/;

/** Plain text in pieces, so that a page can show web addresses as links. Nothing else of the text means anything. */
export function textPieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(webAddress)) {
    const address = match[0].replace(trailing, "");
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: address, address });
    end = match.index + address.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}
