import { join } from "node:path";
import { defineConfig } from "vite";

/** The page around a shared app, built beside the workbench's files. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  logLevel: "warn",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false,
    manifest: "vite-manifest.json",
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: join(import.meta.dirname, "src/app/main.ts"),
      output: {
        minify: true,
        entryFileNames: "app-[hash].js",
        chunkFileNames: "app-[name]-[hash].js",
        assetFileNames: "app-[name]-[hash][extname]",
      },
    },
  },
});
