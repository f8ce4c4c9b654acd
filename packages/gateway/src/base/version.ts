declare const WAIIDE_VERSION: string | undefined;

/** The version of this program; the build writes it in, so that the bundle needs no file beside it. */
export const version: string = typeof WAIIDE_VERSION === "string" ? WAIIDE_VERSION : "0.0.0-development";
