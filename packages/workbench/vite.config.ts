import { join } from "node:path";
import { defineConfig } from "vite";
import { extensionManifests } from "./build/extension-manifests.ts";

/** The page's address is known only at run time, so every file is found relative to the one that asks for it. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  plugins: [extensionManifests()],
  logLevel: "warn",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    manifest: "vite-manifest.json",
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 20_000,
    rolldownOptions: {
      input: join(import.meta.dirname, "src/main.ts"),
      output: { minify: true },
    },
  },
  worker: { format: "es" },
  resolve: { dedupe: ["@codingame/monaco-vscode-api"] },
});
