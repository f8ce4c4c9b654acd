import { getService, type IEditorGroup } from "@codingame/monaco-vscode-api";
import {
  RegisteredEditorPriority,
  registerEditor,
  registerEditorPane,
} from "@codingame/monaco-vscode-api/service-override/tools/views";
import type { DisposableStore } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { IFileService } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files.service";
import type { EditorInput } from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor/editorInput";
import { toRegisteredEditorPriorityInfo } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorResolverService";
import { element } from "../page/element.ts";
import { pictureEndings, pictureType } from "../rendered/picture.ts";
import { LoadingPane } from "./loading-pane.ts";
import { nameOf, PaneInput } from "./pane-input.ts";

const typeId = "waiide.image";

class ImageInput extends PaneInput {
  override get typeId(): string {
    return typeId;
  }

  override get editorId(): string {
    return typeId;
  }

  constructor(file: URI) {
    super(file, file, nameOf(file));
  }
}

class ImagePane extends LoadingPane {
  constructor(group: IEditorGroup) {
    super(typeId, group);
  }

  override initialize(): HTMLElement {
    return element("div", { class: "waiide-pane picture", tabindex: "-1" });
  }

  override async load(input: EditorInput, store: DisposableStore): Promise<void> {
    if (!(input instanceof ImageInput)) throw new Error("this editor is for pictures");
    const { container } = this;
    container.classList.remove("real-size");
    container.replaceChildren();
    const files = await getService(IFileService);
    const sayGone = (error: unknown) => {
      if (!store.isDisposed)
        container.replaceChildren(element("p", { role: "status" }, `It no longer exists: ${reasonOf(error)}`));
    };
    store.add(
      files.onDidFilesChange((event) => {
        if (event.contains(input.file)) showPicture(input.file, container, files, store).catch(sayGone);
      }),
    );
    await showPicture(input.file, container, files, store);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function showPicture(file: URI, container: HTMLElement, files: IFileService, store: DisposableStore) {
  const { value } = await files.readFile(file);
  if (store.isDisposed) return;
  const address = URL.createObjectURL(new Blob([new Uint8Array(value.buffer)], { type: pictureType(file.path) }));
  const picture = element("img", { alt: nameOf(file), title: "Click to switch between the fitted and the real size" });
  const about = element("p", { role: "status" }, `${value.byteLength.toLocaleString()} bytes`);
  picture.addEventListener("load", () => {
    about.textContent = `${picture.naturalWidth} × ${picture.naturalHeight}, ${value.byteLength.toLocaleString()} bytes`;
    URL.revokeObjectURL(address);
  });
  picture.addEventListener("error", () => {
    about.textContent = "The browser cannot show this picture.";
    URL.revokeObjectURL(address);
  });
  picture.addEventListener("click", () => container.classList.toggle("real-size"));
  picture.src = address;
  container.replaceChildren(picture, about);
}

/** Shows pictures in an `<img>`, where nothing in an SVG runs. */
export function registerImages(): void {
  registerEditorPane(typeId, "Picture", ImagePane, [ImageInput]);
  registerEditor(
    `*.{${pictureEndings.join(",")}}`,
    { id: typeId, label: "Picture", priority: toRegisteredEditorPriorityInfo(RegisteredEditorPriority.builtin) },
    { singlePerResource: true },
    { createEditorInput: ({ resource }) => ({ editor: new ImageInput(resource) }) },
  );
}
