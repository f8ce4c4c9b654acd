/** What happened to live files since the start, for Prometheus; plain numbers, so that counting costs nothing. */
export class LiveCounts {
  /** Files that are live now, and people's pages and windows in them. */
  files = 0;
  participants = 0;
  changes = 0;
  refusals = 0;
  /** Clients that were sent the whole text again. */
  resets = 0;
  /** Of those, the ones whose text differed from ours. */
  healed = 0;
}
