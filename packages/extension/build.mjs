// Builds the extension into dist/: extension.cjs, all its code, waiide-hub.vsix, which the gateway installs into every IDE that it
// starts, waiide-page.js, the gateway's script in the IDE's page, and keeper/ and live/, the extensions in that page's web worker. `node packages/extension/build.mjs`
import { copyFileSync, createWriteStream, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ZipFile } from "yazl";

const folder = dirname(fileURLToPath(import.meta.url));
const target = join(folder, "dist");
/** @type {{ name: string, version: string, publisher: string, displayName: string, engines: { vscode: string } }} */
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** Of every file in the archive: what did not change gives the same archive. */
const options = { mtime: new Date("2000-01-01T00:00:00"), forceDosTimestamp: true };

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await build({
  entryPoints: [join(folder, "src", "extension.ts")],
  outfile: join(target, "extension.cjs"),
  bundle: true,
  platform: "node",
  format: "cjs",
  // What VS Code 1.84, the oldest that is supported, runs extensions with.
  target: "node18",
  external: ["vscode"],
  // jsonc-parser's "main" loads its parts by names that no bundler follows.
  mainFields: ["module", "main"],
  minify: true,
  keepNames: false,
  legalComments: "none",
  logLevel: "warning",
});

// Live editing where the page runs no extensions: loaded only then.
await build({
  entryPoints: [join(folder, "src", "live-here", "live-here.ts")],
  outfile: join(target, "live-here.cjs"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node18",
  external: ["vscode", "bufferutil", "utf-8-validate"],
  // A guest's conversation, which is not there.
  define: { TALK_SCRIPT: '""' },
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});

// The gateway's script in the IDE's page.
await build({
  entryPoints: [join(folder, "src", "browser", "page", "page.ts")],
  outfile: join(target, "waiide-page.js"),
  bundle: true,
  platform: "browser",
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});

// The script of the conversation's view.
await build({
  entryPoints: [join(folder, "src", "browser", "talk", "page.ts")],
  outfile: join(target, "talk.js"),
  bundle: true,
  platform: "browser",
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});

// The extensions in the page's web worker, which the gateway serves.
for (const name of ["keeper", "live"]) {
  await build({
    entryPoints: [join(folder, "src", "browser", name, "extension.ts")],
    outfile: join(target, name, `${name}.js`),
    bundle: true,
    platform: "browser",
    format: "cjs",
    target: "es2022",
    external: ["vscode"],
    // A worker has no files: the conversation's view has its script from here.
    define: { TALK_SCRIPT: JSON.stringify(readFileSync(join(target, "talk.js"), "utf8")) },
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
  for (const file of ["package.json", "package.nls.json"]) {
    copyFileSync(join(folder, "src", "browser", name, file), join(target, name, file));
  }
}

const archive = new ZipFile();
archive.addBuffer(Buffer.from(vsixManifest()), "extension.vsixmanifest", options);
archive.addBuffer(Buffer.from(contentTypes()), "[Content_Types].xml", options);
archive.addBuffer(
  Buffer.from(JSON.stringify({ ...manifest, devDependencies: undefined })),
  "extension/package.json",
  options,
);
for (const name of [
  "package.nls.json",
  "dist/extension.cjs",
  "dist/live-here.cjs",
  "dist/talk.js",
  ...filesIn("media"),
  ...filesIn("l10n"),
]) {
  archive.addFile(join(folder, name), `extension/${name}`, options);
}
archive.end();
await pipeline(archive.outputStream, createWriteStream(join(target, `${manifest.name}.vsix`)));

/** @param {string} name */
function filesIn(name) {
  return readdirSync(join(folder, name))
    .sort()
    .map((file) => `${name}/${file}`);
}

/** PackageManifest 2.0.0 of Visual Studio's extensions, as far as VS Code reads it. */
function vsixManifest() {
  const { name, version, publisher, displayName, engines } = manifest;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${name}" Version="${version}" Publisher="${publisher}"/>
    <DisplayName>${displayName}</DisplayName>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${engines.vscode}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

function contentTypes() {
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="json" ContentType="application/json"/>
  <Default Extension="cjs" ContentType="application/javascript"/>
  <Default Extension="js" ContentType="application/javascript"/>
  <Default Extension="svg" ContentType="image/svg+xml"/>
  <Default Extension="vsixmanifest" ContentType="text/xml"/>
</Types>
`;
}
