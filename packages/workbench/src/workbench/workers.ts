/** The page's web workers. Each is a file of our own; no other worker starts. */
const workers: Readonly<Record<string, () => Worker>> = {
  editorWorkerService: () =>
    new Worker(new URL("../workers/editor.worker.ts", import.meta.url), { type: "module", name: "editor" }),
  TextMateWorker: () =>
    new Worker(new URL("../workers/colours.worker.ts", import.meta.url), { type: "module", name: "colours" }),
};

declare global {
  interface Window {
    MonacoEnvironment?: { getWorker(moduleId: string, label: string): Worker };
  }
}

export function provideWorkers(): void {
  window.MonacoEnvironment = {
    getWorker(_moduleId, label) {
      const make = Object.hasOwn(workers, label) ? workers[label] : undefined;
      if (make === undefined) throw new Error(`the guest workbench has no worker “${label}”`);
      return make();
    },
  };
}
