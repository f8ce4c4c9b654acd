import { type CancellationToken, type Disposable, type DocumentSelector, type Range, type Uri, window } from "vscode";
import type { Draft } from "./draft.ts";
import type { SharingFlow } from "./sharing.ts";
import { placeOf, selected } from "./targets.ts";

/** The part of VS Code's proposal `shareProvider` that we use; @types/vscode has no proposals. */
interface ShareableItem {
  readonly resourceUri: Uri;
  readonly selection?: Range;
}
interface ShareProvider {
  readonly id: string;
  readonly label: string;
  readonly priority: number;
  provideShare(item: ShareableItem, token: CancellationToken): Promise<string | undefined>;
}
interface WindowWithShares {
  registerShareProvider?(selector: DocumentSelector, provider: ShareProvider): Disposable;
}

/**
 * Adds WAIIDE to VS Code's own Share button and menus. VS Code copies the link and says so.
 * @returns undefined if the IDE does not allow the proposal; everything else works without it
 */
export function registerShareProvider(flow: SharingFlow): Disposable | undefined {
  try {
    return (window as WindowWithShares).registerShareProvider?.(
      { scheme: "file" },
      {
        id: "waiide",
        label: "Share via The Hub",
        priority: 10,
        provideShare: async (item) => (await flow.run(draftOf(item)))?.url,
      },
    );
  } catch {
    // “… CANNOT use API proposal”: the IDE has logged it.
    return undefined;
  }
}

function draftOf({ resourceUri, selection }: ShareableItem): Draft {
  const place = placeOf(resourceUri, "file");
  if (selection === undefined || selection.isEmpty || place.target?.kind !== "file") return place;
  return { ...place, target: selected(place.target.path, selection) };
}
