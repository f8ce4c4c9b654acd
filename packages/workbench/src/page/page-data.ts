/** Data that the gateway wrote into the page (attributes `data-…` of the body). */
export interface PageData {
  readonly share: string;
  /** Path of the share, begins and ends with `/`. */
  readonly base: string;
  /** Path of the workbench's files, begins and ends with `/`. */
  readonly assets: string;
}

export function readPageData({ dataset }: HTMLElement): PageData {
  const { share, base, assets } = dataset;
  if (!share || !base || !assets) throw new Error("the page lacks its data: share, base, assets");
  return { share, base, assets };
}
