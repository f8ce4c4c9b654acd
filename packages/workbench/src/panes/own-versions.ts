import { getService } from "@codingame/monaco-vscode-api";
import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { ILanguageService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages/language.service";
import { IModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/model.service";
import { ITextModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/resolverService.service";
import { Action2, registerAction2 } from "@codingame/monaco-vscode-api/vscode/vs/platform/actions/common/actions";
import type { ServicesAccessor } from "@codingame/monaco-vscode-api/vscode/vs/platform/instantiation/common/instantiation";
import { INotificationService } from "@codingame/monaco-vscode-api/vscode/vs/platform/notification/common/notification.service";
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { Addresses } from "../files/addresses.ts";
import type { Bar } from "../page/bar.ts";
import type { Session } from "../session/session.ts";
import { SessionError } from "../session/session-error.ts";
import { nameOf } from "./pane-input.ts";

const scheme = "waiide-own-version";
const title = "Show My Version (Where the Owner Changed the Same Lines)";

/** Compares what this guest wrote, where the owner changed the same lines, with the file now. The bar and a command offer it. */
export async function registerOwnVersions(session: Session, addresses: Addresses, bar: Bar): Promise<void> {
  const versions = new OwnVersions(session, addresses);
  const models = await getService(ITextModelService);
  const [texts, languages] = [await getService(IModelService), await getService(ILanguageService)];
  models.registerTextModelContentProvider(scheme, {
    provideTextContent: async (resource) =>
      texts.getModel(resource) ??
      texts.createModel(versions.textOf(resource), languages.createByFilepathOrFirstLine(resource), resource),
  });
  bar.offerVersions(({ path, version }) => void versions.show(path, version));
  registerAction2(
    class extends Action2 {
      constructor() {
        super({ id: "waiide.showOwnVersion", title: { value: title, original: title }, f1: true });
      }

      run(accessor: ServicesAccessor): void {
        const path = pathOf(accessor.get(IEditorService).activeEditor?.resource, addresses);
        if (path === undefined) accessor.get(INotificationService).info("Open the file first.");
        else void versions.show(path);
      }
    },
  );
}

class OwnVersions {
  readonly #session: Session;
  readonly #addresses: Addresses;
  /** By address. */
  readonly #texts = new Map<string, string>();

  constructor(session: Session, addresses: Addresses) {
    this.#session = session;
    this.#addresses = addresses;
  }

  textOf(resource: URI): string {
    return this.#texts.get(resource.toString()) ?? "";
  }

  /** @param version undefined: the newest that was kept */
  async show(path: string, version?: string): Promise<void> {
    try {
      const kept = await this.#session.request("version", { path, ...(version !== undefined && { version }) });
      const modified = this.#addresses.uriOf(path);
      const original = URI.from({ scheme, path: modified.path, query: kept.version });
      this.#texts.set(original.toString(), kept.content);
      const editors = await getService(IEditorService);
      await editors.openEditor({
        original: { resource: original },
        modified: { resource: modified },
        label: `${nameOf(modified)}: your version ↔ now`,
        options: { pinned: true },
      });
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      (await getService(INotificationService)).warn(reasonOf(error, path));
    }
  }
}

function reasonOf({ code, message }: SessionError, path: string): string {
  if (code !== "NOT_FOUND") return message;
  return `Nothing that you wrote to ${path} is kept: the owner did not change the same lines, or the file is gone.`;
}

function pathOf(resource: URI | undefined, addresses: Addresses): string | undefined {
  const path = resource === undefined ? undefined : addresses.pathOf(resource);
  return path === "" ? undefined : path;
}
