import { Schemas } from "@codingame/monaco-vscode-api/vscode/vs/base/common/network";
import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { InMemoryStorageDatabase } from "@codingame/monaco-vscode-api/vscode/vs/base/parts/storage/common/storage";
import { IFileService } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files.service";
import { InMemoryFileSystemProvider } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/inMemoryFilesystemProvider";
import type { ServicesAccessor } from "@codingame/monaco-vscode-api/vscode/vs/platform/instantiation/common/instantiation";
import { IndexedDBStorageDatabase } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/storage/browser/storageService";
import {
  IndexedDB,
  IndexedDBFileSystemProvider,
  registerCustomProvider,
} from "@codingame/monaco-vscode-files-service-override";
import {
  type DatabaseFactories,
  JsonFileStorageDatabase,
  StorageScope,
} from "@codingame/monaco-vscode-storage-service-override";
import { canKeepDatabases, databaseName, forgetShare } from "../page/storage.ts";
import type { Session } from "../session/session.ts";

const store = "user-data";

/** In memory, for one page: VS Code itself would share this storage between all pages of a site. */
class PageStorage extends InMemoryStorageDatabase {
  readonly hasPendingUpdate = false;
  readonly name = "page";

  async clear(): Promise<void> {
    (await this.getItems()).clear();
  }

  dispose(): void {}
}

/** The workbench goes on writing after the share has ended; from then on nothing is kept. */
class UserData extends IndexedDBFileSystemProvider {
  isOver = false;

  override async writeFile(...given: Parameters<IndexedDBFileSystemProvider["writeFile"]>): Promise<void> {
    if (!this.isOver) await super.writeFile(...given);
  }
}

/**
 * Keeps a guest's settings, layout and unsaved texts in one database for each share, which is deleted when the share ends.
 * When the session ends, also while the workbench starts, the database is closed, so that it can be deleted.
 * @returns false where the browser blocks that: then it is kept in memory, as long as the page is open
 */
export async function keepUserData(share: string, session: Session): Promise<boolean> {
  IndexedDBStorageDatabase.createApplicationSharedStorage = async () => new PageStorage();
  const database = await openDatabase(share);
  if (database === undefined) {
    registerCustomProvider(Schemas.vscodeUserData, new InMemoryFileSystemProvider());
    return false;
  }
  const files = new UserData(Schemas.vscodeUserData, database, store, false);
  registerCustomProvider(Schemas.vscodeUserData, files);
  const letGo = () => {
    files.isOver = true;
    close(database);
  };
  session.onLink.listen(({ kind }) => {
    if (kind === "ended") letGo();
  });
  if (session.link.kind !== "ended") return true;
  // The session ended before the database was open.
  letGo();
  await forgetShare(share);
  return true;
}

/** @returns undefined where the browser stores nothing for this site */
async function openDatabase(share: string): Promise<IndexedDB | undefined> {
  if (!canKeepDatabases()) return undefined;
  try {
    return await IndexedDB.create(databaseName(share), undefined, [store]);
  } catch (error) {
    console.warn("The browser keeps no data of this page:", error);
    return undefined;
  }
}

/**
 * VS Code aborts open transactions before it closes a database, and throws if one is just being committed. It has forgotten
 * them by then, so that the second attempt succeeds.
 */
function close(database: IndexedDB): void {
  try {
    database.close();
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw error;
    database.close();
  }
}

function databaseOf(name: string): (accessor: ServicesAccessor) => JsonFileStorageDatabase {
  const file = URI.from({ scheme: Schemas.vscodeUserData, path: `/State/${name}.json` });
  return (accessor) => new JsonFileStorageDatabase(file, accessor.get(IFileService));
}

/** Layout and history of the workbench, in the same database: VS Code's own names would be the same for all shares. */
export const storageDatabases: DatabaseFactories = {
  [StorageScope.APPLICATION]: databaseOf("application"),
  [StorageScope.PROFILE]: databaseOf("profile"),
  [StorageScope.WORKSPACE]: databaseOf("workspace"),
};
