// `npm start [-- arguments of waiide]`: sets up what is missing, then starts WAIIDE.
import { delimiter } from "node:path";
import { run, runScript } from "./bootstrap/steps.mjs";
import { launcher, setup } from "./setup.ts";

await runScript(async () => {
  const args = process.argv.slice(2);
  const namesIdeServer = args.some((argument) => /^--ide-server(=|$)/.test(argument));
  await setup({ ideServer: !namesIdeServer });
  const { code } = await run(launcher, args, {
    show: true,
    env: userEnvironment(),
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  return code;
});

/**
 * The environment as it was before npm: the IDE's terminals inherit it, and must see neither this repository's programs nor
 * npm's settings for it.
 */
function userEnvironment(): NodeJS.ProcessEnv {
  const fromNpm =
    /^(INIT_CWD|COLOR|NODE|npm_(command|execpath|node_execpath|lifecycle_.*|package_.*|config_(user_agent|noproxy|node_gyp|(local_|global_)?prefix|init_module|userconfig|globalconfig|cache|npm_version)))$/;
  const path = (process.env.PATH ?? "").split(delimiter);
  const first = path.findIndex((folder) => !/\/node_modules\/\.bin$|\/node-gyp-bin$/.test(folder));
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !fromNpm.test(name))),
    PATH: path.slice(first).join(delimiter),
  };
}
