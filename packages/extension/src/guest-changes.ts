import { basename, join } from "node:path";
import { commands, type Disposable, Uri, workspace } from "vscode";
import type { ShareApi } from "./share-api.ts";
import type { ShareNode } from "./shares-tree.ts";
import { t } from "./translation.ts";

const scheme = "waiide-before";

/** Serves what files held before guests changed them, for comparing. */
export function registerBefore(api: Pick<ShareApi, "original">): Disposable {
  return workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async ({ query }) => {
      const { share, path } = JSON.parse(query) as { share: string; path: string | null };
      return path === null ? "" : ((await api.original(share, path)).text ?? "");
    },
  });
}

/** Shows a file as it was before the first guest's change beside what it is now. */
export async function openChange({ share, change }: Extract<ShareNode, { kind: "change" }>): Promise<void> {
  const { path, to, what, original } = change;
  const file = to ?? path;
  const now = what === "deleted" ? earlier(share.id, null, file) : Uri.file(join(share.root, file));
  const before = earlier(share.id, original ? path : null, file);
  const title = t("{0}: before guests ↔ now", basename(file));
  await commands.executeCommand("vscode.diff", before, now, title);
}

/** @param path null: there was nothing. @param name decides how it is coloured */
function earlier(share: string, path: string | null, name: string): Uri {
  return Uri.from({ scheme, path: `/${name}`, query: JSON.stringify({ share, path }) });
}
