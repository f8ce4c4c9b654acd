import { isStartedByHub, translateHubArguments } from "./cli/hub-arguments.ts";
import { createProgram, run } from "./cli/program.ts";
import { GatewayError } from "./server/errors.ts";

const given = process.argv.slice(2);
const { argv, warnings } = isStartedByHub(given, process.env)
  ? translateHubArguments(given)
  : { argv: given, warnings: [] };

// The bundle is CommonJS, which has no top-level await.
run(createProgram(warnings), [...process.argv.slice(0, 2), ...argv]).catch((error: unknown) => {
  if (!(error instanceof GatewayError)) throw error;
  process.stderr.write(`waiide: ${error.message}\n  ${error.action} (${error.code})\n`);
  process.exitCode = error.exit;
});
