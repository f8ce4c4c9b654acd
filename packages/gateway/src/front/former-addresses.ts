/** First segments of Jupyter's own addresses below its base URL, and the apps that may answer them, best first. */
const jupyterAddresses: Readonly<Record<string, readonly string[]>> = {
  lab: ["lab"],
  doc: ["lab"],
  tree: ["tree", "notebook", "lab"],
  notebooks: ["tree", "notebook", "lab"],
  edit: ["tree", "notebook", "lab"],
};

/**
 * Where an address of a former server leads: jupyter-server-proxy had apps directly below the base URL (`/rstudio/`), and
 * Jupyter itself was there (`/lab/tree/a.ipynb`).
 * @param path below the base URL, begins with `/`
 * @param isApp whether an app of this name is configured
 * @returns a path below the base URL; undefined if no app is meant
 */
export function currentAddress(path: string, isApp: (name: string) => boolean): string | undefined {
  const first = path.slice(1).split("/", 1)[0] ?? "";
  const jupyter = Object.hasOwn(jupyterAddresses, first) ? jupyterAddresses[first]?.find(isApp) : undefined;
  if (jupyter !== undefined) return `/apps/${jupyter}${path}`;
  return isApp(first) ? `/apps${path}` : undefined;
}
