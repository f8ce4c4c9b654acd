import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { create } from "tar";
import { makeIde, makeModules, write } from "../../../support/fake-ide.ts";

/**
 * Does what npm does for an installation, from files prepared here. `FAIL_AT` names the command that fails with `OUTPUT`,
 * `HANG_AT` the one that never ends; each call is written to `CALLS`.
 */
const script = `#!/bin/sh
echo "$1 | $PWD | $(node --version) | nodedir=$npm_config_nodedir prefix=$npm_config_prefix" >> "$CALLS"
if [ "$1" = "$FAIL_AT" ]; then printf '%s\\n' "$OUTPUT" >&2; exit 1; fi
if [ "$1" = "$HANG_AT" ]; then echo $$ > "$CALLS.new"; mv "$CALLS.new" "$CALLS.hanging"; sleep 600; fi
case $1 in
  pack) cp "$PACKAGE" . ;;
  install) if [ -f product.json ]; then mkdir node_modules && cp -R "$MODULES"/. node_modules && rm -r node_modules/@vscode/*/build; fi ;;
  rebuild) cp -R "$MODULES"/. node_modules ;;
esac
`;

export interface FakeNpm {
  /** With a PATH on which fake npm and compilers come first. */
  readonly environment: NodeJS.ProcessEnv;
  /** A folder with compilers and nothing else. */
  readonly tools: string;
  readonly calls: string;
}

const tools = ["cc", "c++", "make", "python3"];

export async function makeFakeNpm(folder: string): Promise<FakeNpm> {
  const programs = join(folder, "programs");
  const onlyTools = join(folder, "tools");
  await write(join(programs, "npm"), script, 0o755);
  for (const tool of tools) await write(join(onlyTools, tool), "#!/bin/sh\nexit 0\n", 0o755);
  await symlink(process.execPath, join(programs, "node"));

  const contents = join(folder, "contents");
  await makeIde(join(contents, "package/lib/vscode"), { modules: false });
  await write(join(contents, "package/LICENSE"), "MIT");
  await write(join(contents, "package/out/node/entry.js"), "code-server's own web server");
  const npmPackage = join(folder, "code-server-4.139.1.tgz");
  await create({ gzip: true, cwd: contents, file: npmPackage }, ["package"]);
  await makeModules(join(folder, "modules"));

  return {
    tools: onlyTools,
    calls: join(folder, "calls"),
    environment: {
      PATH: `${programs}:${onlyTools}:/usr/bin:/bin`,
      HOME: folder,
      PACKAGE: npmPackage,
      MODULES: join(folder, "modules"),
      CALLS: join(folder, "calls"),
      npm_config_prefix: "/of/the/project",
    },
  };
}
