import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

/**
 * What the gateway needs to know about the guest workbench's files (`packages/workbench/dist/manifest.json`) to serve them
 * and the page of a share. File names are relative to the folder of the files, with `/`.
 */
export const WorkbenchManifestSchema = Type.Object({
  /** Hash of all files; part of their addresses, so that a file never changes at its address. */
  hash: Type.String({ pattern: "^[0-9a-f]{16,64}$" }),
  /** The page's `<script type="module">`. */
  entry: Type.String(),
  /** `<link rel="stylesheet">`. */
  styles: Type.Array(Type.String()),
  /** `<link rel="modulepreload">`: what the entry imports first. */
  preload: Type.Array(Type.String()),
  /** Content-Security-Policy of the page; `{assets}` and `{share}` stand for the paths of the files and of the share. */
  policy: Type.String(),
  /** The page around a shared app. */
  app: Type.Object({ entry: Type.String(), styles: Type.Array(Type.String()) }),
  files: Type.Record(
    Type.String(),
    Type.Object({
      type: Type.String({ description: "Content-Type." }),
      size: WholeNumber({ description: "Bytes, not compressed." }),
      compressed: Type.Boolean({ description: "Whether `.br` and `.gz` stand beside it." }),
      /** Content-Security-Policy of this file: workers and frames have one of their own. */
      policy: Type.Optional(Type.String()),
      /** Connection-Allowlist of this file. */
      connections: Type.Optional(Type.String()),
    }),
  ),
});
export type WorkbenchManifest = Static<typeof WorkbenchManifestSchema>;
