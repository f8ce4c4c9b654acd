import { codeArguments, runCode } from "./cli/code/command.ts";
import { describeFailure, exitCodeOf, sayFailures } from "./cli/failing.ts";
import { isStartedByHub, type TranslatedArguments, translateHubArguments } from "./cli/hub-arguments.ts";
import { createProgram, run, type Serve } from "./cli/program.ts";
import { enterContainer } from "./container/container.ts";

/** Loaded on demand, so that other commands start faster. */
const serve: Serve = async (inputs) => (await import("./serve.ts")).serve(inputs);

// The bundle is CommonJS, which has no top-level await.
sayFailures();
main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(describeFailure(error));
  process.exitCode = exitCodeOf(error);
});

async function main(given: readonly string[]): Promise<void> {
  const noticed = process.env.WAIIDE_CONTAINER === "1" ? enterContainer(given, process.env) : [];
  const code = isSpawned() ? undefined : codeArguments(given, commandNames());
  if (code !== undefined) return runCode(code);
  const { argv, warnings } = isStartedByHub(given, process.env) ? translated(given) : { argv: given, warnings: [] };
  // An option of Jupyter's programs; ours has one help for everything.
  const asked = argv.map((argument) => (argument === "--help-all" ? "--help" : argument));
  await run(createProgram(serve, [...noticed, ...warnings]), [...process.argv.slice(0, 2), ...asked]);
}

function translated(given: readonly string[]): TranslatedArguments {
  return translateHubArguments(given, { commands: commandNames(), isSpawned: isSpawned() });
}

function commandNames(): string[] {
  return createProgram(serve).commands.map((command) => command.name());
}

/** A hub passes arguments of its own, for which a file may be meant. Terminals of the IDE do not have its token, or the IDE's socket besides. */
function isSpawned(): boolean {
  const { JUPYTERHUB_API_TOKEN, JPY_API_TOKEN, WAIIDE_CONTROL_SOCKET } = process.env;
  return Boolean(JUPYTERHUB_API_TOKEN || JPY_API_TOKEN) && !WAIIDE_CONTROL_SOCKET;
}
