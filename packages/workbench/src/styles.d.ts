declare module "*.css";
declare module "*.css?url" {
  /** Address of the style sheet, relative to the module that imports it. */
  const address: string;
  // biome-ignore lint/style/noDefaultExport: as the bundler has it
  export default address;
}
