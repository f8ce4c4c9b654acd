import { changeSize, diffToChange, type Text } from "@waiide/protocol/live";
import type { LiveDocument } from "../live-document.ts";

/** Revisions that are looked at, and those of them that are compared in full. */
const maxRevisions = 200;
const maxCompared = 8;

/**
 * The text that a live file lately had and that differs least from an unsaved one: what that was made from, as far as
 * anybody can tell.
 */
export function nearestText(document: LiveDocument, unsaved: Text): Text {
  const wanted = unsaved.toString();
  const rough = lateTexts(document).map((text) => ({ text, distance: roughDistance(text.toString(), wanted) }));
  const nearest = rough
    .sort((one, other) => one.distance - other.distance)
    .slice(0, maxCompared)
    .map(({ text }) => ({ text, distance: distance(text, unsaved) }));
  return nearest.sort((one, other) => one.distance - other.distance)[0]?.text ?? document.text;
}

/** The newest first. */
function lateTexts({ text, disk, log }: LiveDocument): Text[] {
  const texts = [text, disk.text];
  const entries = log.since(Math.max(log.start, log.rev - maxRevisions)) ?? [];
  let known: Text | undefined = text;
  for (const { inverse } of entries.toReversed()) {
    known = inverse === undefined ? undefined : inverse.apply(known);
    if (known === undefined) break;
    texts.push(known);
  }
  return texts;
}

/** What is left between the common beginning and the common end. */
function roughDistance(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let start = 0;
  while (start < most && one.charCodeAt(start) === other.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < most - start && one.charCodeAt(one.length - 1 - end) === other.charCodeAt(other.length - 1 - end))
    end += 1;
  return one.length + other.length - 2 * (start + end);
}

function distance(one: Text, other: Text): number {
  const { inserted, deleted } = changeSize(diffToChange(one, other));
  return inserted + deleted;
}
