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
import { IEditorService } from "@codingame/monaco-vscode-api/vscode/vs/workbench/services/editor/common/editorService.service";
import type { Addresses } from "../files/addresses.ts";
import { downloadAddress } from "../files/download.ts";
import { element } from "../page/element.ts";
import type { Show } from "../viewers/viewer.ts";
import { LoadingPane } from "./loading-pane.ts";
import { nameOf, PaneInput } from "./pane-input.ts";

interface Kind {
  readonly typeId: string;
  readonly label: string;
  /** Pattern of names; none: files that the workbench recognizes as binary. */
  readonly endings: readonly string[];
  /** Whether it renders again when the file changes; players go on. */
  readonly follows: boolean;
  /** Fetched when the first file of the kind is opened. */
  load(): Promise<{ readonly show: Show }>;
}

const binary: Kind = {
  typeId: "waiide.binary",
  label: "Binary File",
  endings: [],
  follows: false,
  load: () => import("../viewers/binary.ts"),
};

const kinds: readonly Kind[] = [
  {
    typeId: "waiide.pdf",
    label: "PDF",
    endings: ["pdf"],
    follows: true,
    load: () => import("../viewers/pdf.ts"),
  },
  {
    typeId: "waiide.media",
    label: "Audio and Video",
    endings: ["aac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav", "weba", "m4v", "mov", "mp4", "ogv", "webm"],
    follows: false,
    load: () => import("../viewers/media.ts"),
  },
  {
    typeId: "waiide.table",
    label: "Table",
    endings: ["csv", "tsv", "tab"],
    follows: true,
    load: () => import("../viewers/table.ts"),
  },
  binary,
];

/** The workbench's name for a binary file. */
const binaryEditor = "workbench.editors.files.binaryFileEditor";

/** @param base path of the share, begins and ends with `/` */
export function registerViewers(addresses: Addresses, base: string): void {
  for (const kind of kinds) registerViewer(kind, addresses, base);
}

function inputOf(kind: Kind, file: URI): PaneInput {
  return new (classOf(kind))(file);
}

const classes = new Map<Kind, new (file: URI) => PaneInput>();

function classOf(kind: Kind): new (file: URI) => PaneInput {
  const known = classes.get(kind);
  if (known !== undefined) return known;
  const made = class extends PaneInput {
    constructor(file: URI) {
      super(file, file, nameOf(file));
    }

    override get typeId(): string {
      return kind.typeId;
    }

    override get editorId(): string {
      return kind.typeId;
    }
  };
  classes.set(kind, made);
  return made;
}

function registerViewer(kind: Kind, addresses: Addresses, base: string): void {
  const { typeId, label, endings } = kind;
  const Input = classOf(kind);
  class ViewerPane extends LoadingPane {
    constructor(group: IEditorGroup) {
      super(typeId, group);
    }

    override initialize(): HTMLElement {
      return element("div", { class: "waiide-pane viewer", tabindex: "-1" });
    }

    override async load(input: EditorInput, store: DisposableStore): Promise<void> {
      if (!(input instanceof Input)) throw new Error("this editor is for another kind of file");
      await showFile(kind, { file: input.file, container: this.container, store, addresses, base });
    }
  }
  registerEditorPane(typeId, label, ViewerPane, [Input]);
  if (endings.length === 0) return;
  registerEditor(
    `*.{${endings.join(",")}}`,
    { id: typeId, label, priority: toRegisteredEditorPriorityInfo(RegisteredEditorPriority.builtin) },
    { singlePerResource: true },
    { createEditorInput: ({ resource }) => ({ editor: inputOf(kind, resource) }) },
  );
}

interface ShownFile {
  readonly file: URI;
  readonly container: HTMLElement;
  readonly store: DisposableStore;
  readonly addresses: Addresses;
  readonly base: string;
}

async function showFile(kind: Kind, { file, container, store, addresses, base }: ShownFile): Promise<void> {
  const files = await getService(IFileService);
  const editors = await getService(IEditorService);
  const { show } = await kind.load();
  if (store.isDisposed) return;
  const address = downloadAddress(base, addresses.pathOf(file) ?? "");
  const draw = async () => {
    container.className = "waiide-pane viewer";
    container.replaceChildren(element("p", { role: "status" }, "Loading …"));
    await show({
      container,
      name: nameOf(file),
      address,
      store,
      read: async () => new Uint8Array((await files.readFile(file)).value.buffer),
      openAsText: () => void editors.openEditor({ resource: file, options: { override: "default" } }),
    });
  };
  if (kind.follows) {
    store.add(
      files.onDidFilesChange((event) => {
        if (event.contains(file)) draw().catch((error: unknown) => sayGone(error, container, store));
      }),
    );
  }
  await draw();
}

function sayGone(error: unknown, container: HTMLElement, store: DisposableStore): void {
  if (store.isDisposed) return;
  const reason = error instanceof Error ? error.message : String(error);
  container.replaceChildren(element("p", { role: "status" }, `It no longer exists: ${reason}`));
}

/** Offers a download in place of the workbench's own page for binary files, which offers to open them as text. */
export async function offerBinaryDownloads(): Promise<void> {
  const editors = await getService(IEditorService);
  editors.onDidActiveEditorChange(() => {
    const pane = editors.activeEditorPane;
    const file = pane?.input?.resource;
    if (pane?.getId() !== binaryEditor || pane.input === undefined || file === undefined) return;
    void editors.replaceEditors([{ editor: pane.input, replacement: inputOf(binary, file) }], pane.group);
  });
}
