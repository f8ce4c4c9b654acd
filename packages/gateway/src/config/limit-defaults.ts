/** Defaults of `share-limits`: bytes, seconds, percent. */
export const limitDefaults = {
  file: 100_000_000,
  read: 8_000_000,
  free: 1_000_000_000,
  free_percent: 5,
  watched_folders: 5_000,
  searches: 2,
  search_time: 10,
} as const;
