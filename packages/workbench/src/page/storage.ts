/** The database of a share: everything that the page keeps in the browser is in it (RULES R18). */
export function databaseName(share: string): string {
  return `waiide-share-${share}`;
}

/** VS Code notes here that it has noted something; nothing of a share, but nothing is to stay. */
const leftover = "DefaultOverridesCacheExists";

/** Deletes all that the browser keeps of a share; waits for other pages of the same share to let go. */
export function forgetShare(share: string): Promise<void> {
  localStorage.removeItem(leftover);
  return new Promise((resolve, reject) => {
    // Where site data is blocked, nothing was kept.
    if (!canKeepDatabases()) return resolve();
    const deletion = indexedDB.deleteDatabase(databaseName(share));
    deletion.addEventListener("success", () => resolve());
    deletion.addEventListener("error", () => reject(deletion.error));
  });
}

/** Some browsers block them by throwing, others by having none. */
export function canKeepDatabases(): boolean {
  try {
    return Boolean(window.indexedDB);
  } catch {
    return false;
  }
}
