import { basename, join } from "node:path";
import { commands, type Disposable, Uri, workspace } from "vscode";
import type { ShareApi } from "./share-api.ts";
import type { ShareNode } from "./shares-tree.ts";
import { t } from "./translation.ts";

const scheme = "waiide-before";

/** Serves what files held before guests changed them, for comparing. */
export function registerBefore(api: Pick<ShareApi, "before">): Disposable {
  return workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: ({ query }) => {
      const { share, path } = JSON.parse(query) as { share: string; path: string | null };
      return path === null ? "" : api.before(share, path);
    },
  });
}

/** Shows a file as it was before the first guest's change beside what it is now. */
export async function openChange({ share, change }: Extract<ShareNode, { kind: "change" }>): Promise<void> {
  const now = change.kind === "deleted" ? nothing(share.id, change.path) : Uri.file(join(share.root, change.path));
  const before = earlier(share.id, change.before ? (change.from ?? change.path) : null, change.path);
  const title = t("{0}: before guests ↔ now", basename(change.path));
  await commands.executeCommand("vscode.diff", before, now, title);
}

function nothing(share: string, path: string): Uri {
  return earlier(share, null, path);
}

/** @param path null: there was nothing. @param name decides how it is coloured */
function earlier(share: string, path: string | null, name: string): Uri {
  return Uri.from({ scheme, path: `/${name}`, query: JSON.stringify({ share, path }) });
}
