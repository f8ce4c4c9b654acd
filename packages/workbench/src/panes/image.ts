import { getService, type IEditorGroup } from "@codingame/monaco-vscode-api";
import {
  RegisteredEditorPriority,
  registerEditor,
  registerEditorPane,
  SimpleEditorPane,
} from "@codingame/monaco-vscode-api/service-override/tools/views";
import { DisposableStore, type IDisposable } from "@codingame/monaco-vscode-api/vscode/vs/base/common/lifecycle";
import type { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import { IFileService } from "@codingame/monaco-vscode-api/vscode/vs/platform/files/common/files.service";
import type { EditorInput } from "@codingame/monaco-vscode-api/vscode/vs/workbench/common/editor/editorInput";
import { toRegisteredEditorPriorityInfo } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorResolverService";
import { element } from "../page/element.ts";
import { pictureEndings, pictureType } from "../rendered/picture.ts";
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

class ImagePane extends SimpleEditorPane {
  constructor(group: IEditorGroup) {
    super(typeId, group);
  }

  override initialize(): HTMLElement {
    return element("div", { class: "waiide-pane picture", tabindex: "-1" });
  }

  override async renderInput(input: EditorInput): Promise<IDisposable> {
    if (!(input instanceof ImageInput)) throw new Error("this editor is for pictures");
    const store = new DisposableStore();
    this.container.classList.remove("real-size");
    this.container.replaceChildren();
    const files = await getService(IFileService);
    const show = () => void showPicture(input.file, this.container, files, store);
    store.add(files.onDidFilesChange((event) => event.contains(input.file) && show()));
    show();
    return store;
  }
}

async function showPicture(file: URI, container: HTMLElement, files: IFileService, store: DisposableStore) {
  const { value } = await files.readFile(file);
  if (store.isDisposed) return;
  const address = URL.createObjectURL(new Blob([new Uint8Array(value.buffer)], { type: pictureType(file.path) }));
  const picture = element("img", { alt: nameOf(file), title: "Click for its real size, and back" });
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

/** Pictures as pictures: in an `<img>`, where nothing of an SVG runs. */
export function registerImages(): void {
  registerEditorPane(typeId, "Picture", ImagePane, [ImageInput]);
  registerEditor(
    `*.{${pictureEndings.join(",")}}`,
    { id: typeId, label: "Picture", priority: toRegisteredEditorPriorityInfo(RegisteredEditorPriority.builtin) },
    { singlePerResource: true },
    { createEditorInput: ({ resource }) => ({ editor: new ImageInput(resource) }) },
  );
}
