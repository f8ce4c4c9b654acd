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
  const { argv, warnings } = isStartedByHub(given, process.env) ? translated(given) : { argv: given, warnings: [] };
  // An option of Jupyter's programs; ours has one help for everything.
  const asked = argv.map((argument) => (argument === "--help-all" ? "--help" : argument));
  await run(createProgram(serve, [...noticed, ...warnings]), [...process.argv.slice(0, 2), ...asked]);
}

function translated(given: readonly string[]): TranslatedArguments {
  const commands = createProgram(serve).commands.map((command) => command.name());
  const isSpawned = Boolean(process.env.JUPYTERHUB_API_TOKEN || process.env.JPY_API_TOKEN);
  return translateHubArguments(given, { commands, isSpawned });
}
