/** What VS Code needs to know of an extension gallery; empty: there is none. */
export interface ExtensionGallery {
  readonly serviceUrl?: string;
  readonly itemUrl?: string;
  readonly extensionUrlTemplate?: string;
  readonly resourceUrlTemplate?: string;
  readonly controlUrl?: string;
  readonly recommendationsUrl?: string;
}

/**
 * The addresses below a gallery's base URL, laid out as Open VSX and Microsoft's Marketplace lay them out.
 * @param url the base, such as `https://open-vsx.org/vscode`; undefined: no gallery
 */
export function galleryOf(url: string | undefined): ExtensionGallery {
  if (url === undefined) return {};
  const base = url.replace(/\/+$/, "");
  return {
    serviceUrl: `${base}/gallery`,
    itemUrl: `${base}/item`,
    extensionUrlTemplate: `${base}/gallery/{publisher}/{name}/latest`,
    resourceUrlTemplate: `${base}/asset/{publisher}/{name}/{version}/Microsoft.VisualStudio.Code.WebResources/{path}`,
    controlUrl: "",
    recommendationsUrl: "",
  };
}
