import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  commands,
  Disposable,
  extensions,
  NotebookCellKind,
  NotebookCellStatusBarAlignment,
  NotebookCellStatusBarItem,
  type NotebookController,
  notebooks,
  window,
} from "vscode";
import { t } from "../text/translation.ts";
import { galleryFrom, installRemedy } from "./install-remedy.ts";
import { installAll } from "./missing-extensions.ts";

const needed = ["ms-python.python", "ms-toolsai.jupyter"] as const;
const command = "waiide.notebookHelp";

/**
 * As long as nothing here can run notebooks: says so at each cell and where a kernel is selected, and what to do when one of
 * these is clicked. Nothing pops up by itself.
 */
export function registerNotebookHelp(): Disposable {
  const help = commands.registerCommand(command, tellWhatIsMissing);
  let shown: Disposable | undefined;
  const look = () => {
    const isMissing = extensions.getExtension("ms-toolsai.jupyter") === undefined;
    if (isMissing) shown ??= showMissing();
    else {
      shown?.dispose();
      shown = undefined;
    }
  };
  look();
  const changes = extensions.onDidChange(look);
  return new Disposable(() => Disposable.from(help, changes, ...(shown ? [shown] : [])).dispose());
}

function showMissing(): Disposable {
  const label = t("No kernel: Jupyter extension missing");
  const controller: NotebookController = notebooks.createNotebookController(
    "waiide.missing",
    "jupyter-notebook",
    label,
  );
  controller.description = t("what is missing, and what to do");
  controller.executeHandler = () => commands.executeCommand<void>(command);
  const items = notebooks.registerNotebookCellStatusBarItemProvider("jupyter-notebook", {
    provideCellStatusBarItems(cell) {
      if (cell.kind !== NotebookCellKind.Code) return [];
      const text = `$(info) ${t("Cells cannot run here: what to do")}`;
      const item = new NotebookCellStatusBarItem(text, NotebookCellStatusBarAlignment.Left);
      item.command = command;
      return [item];
    },
  });
  return Disposable.from(controller, items);
}

async function tellWhatIsMissing(): Promise<void> {
  const hasGallery = galleryFrom(process.env.EXTENSIONS_GALLERY) !== undefined;
  const detail = [
    t(
      "Notebooks run with the extensions Jupyter (ms-toolsai.jupyter) and Python (ms-python.python), which are not installed here.",
    ),
    await pythonInWords(),
    hasGallery ? "" : installRemedy(undefined, ""),
  ];
  const install = t("Install Extensions");
  const message = t("This notebook can be read and edited, but not run.");
  const words = detail.filter((line) => line !== "").join("\n\n");
  const answer = await window.showInformationMessage(
    message,
    { modal: true, detail: words },
    ...(hasGallery ? [install] : []),
  );
  if (answer === install) await installAll(needed);
}

/** Whether there is a Python with a kernel, for notebooks after the extensions are there. */
async function pythonInWords(): Promise<string> {
  const works = (code: string) =>
    promisify(execFile)("python3", ["-c", code], { timeout: 10_000 }).then(
      () => true,
      () => false,
    );
  if (await works("import ipykernel")) return t("Python with a kernel (ipykernel) is there.");
  if (await works(""))
    return t(
      "Python is there, but no kernel: run “pip install ipykernel”, in a virtual environment if pip asks for one.",
    );
  return t("There is no Python either: an administrator can install it.");
}
