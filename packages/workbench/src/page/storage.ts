/** The database of a share, with everything that the page keeps in the browser (RULES R18). */
export function databaseName(share: string): string {
  return `waiide-share-${share}`;
}

/** A marker of VS Code's. It tells nothing of a share, but nothing must stay. */
const leftover = "DefaultOverridesCacheExists";

/** Deletes everything that the browser keeps of a share; waits until other pages of the share have closed the database. */
export function forgetShare(share: string): Promise<void> {
  localStorage.removeItem(leftover);
  return new Promise((resolve, reject) => {
    // Where site data is blocked, the browser kept nothing.
    if (!canKeepDatabases()) return resolve();
    const deletion = indexedDB.deleteDatabase(databaseName(share));
    deletion.addEventListener("success", () => resolve());
    deletion.addEventListener("error", () => reject(deletion.error));
  });
}

/** Some browsers throw where they block databases, others have none. */
export function canKeepDatabases(): boolean {
  try {
    return Boolean(window.indexedDB);
  } catch {
    return false;
  }
}
