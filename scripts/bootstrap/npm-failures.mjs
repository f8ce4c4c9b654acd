// Explains why npm failed, with what to do about it. The gateway explains its own calls of npm (packages/gateway/src/ide/install/npm.ts),
// but is not installed yet when this is needed. Runs on Node 20 without any dependency.
import { SetupError } from "./steps.mjs";

const known = [
  {
    pattern: /ENOSPC|no space left on device|EDQUOT/i,
    reason: "the disk is full",
    advice: "Free about 3 GB for a first set-up (“npm cache clean --force” may help), then run the same command again.",
  },
  {
    pattern: /UNABLE_TO_(GET|VERIFY)|SELF_SIGNED_CERT|CERT_[A-Z_]+/,
    reason: "the npm registry's certificate is not trusted",
    advice: "Name your organisation's certificate with NODE_EXTRA_CA_CERTS=FILE.pem, then run the same command again.",
  },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ESOCKETTIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/,
    reason: "the npm registry cannot be reached",
    advice:
      "Check the network, then run the same command again. Behind a proxy set HTTPS_PROXY; with a mirror run “npm config set registry URL”.",
  },
  {
    pattern: /EACCES|EPERM|EROFS/,
    reason: "a file may not be written",
    advice:
      "Make the repository and npm's cache (“npm config get cache”) this user's, then run the same command again.",
  },
  {
    pattern: /\bEUSAGE\b|can only install packages when your package.json and package-lock.json/,
    reason: "package.json and package-lock.json do not fit together",
    advice: "Run “npm install” after changing dependencies, or restore both files with git.",
  },
];

/**
 * @param {string} doing what npm was to do
 * @param {string} output what it printed
 * @returns {SetupError}
 */
export function npmFailure(doing, output) {
  const lines = output
    .split("\n")
    .map((line) => line.replace(/^npm (error|ERR!)( code| errno| syscall)?\s*/i, "").trim())
    .filter((line) => line !== "" && !/^npm (warn|notice)|complete log of this run/i.test(line));
  const found = known.find(({ pattern }) => pattern.test(output));
  const said = found ? lines.filter((line) => found.pattern.test(line)).slice(0, 1) : lines.slice(-5);
  const log = /complete log of this run can be found in: *(\S+)/.exec(output)?.[1];
  return new SetupError(
    `${doing} failed: ${found ? `${found.reason} (npm: ${said.join("")})` : `npm said:\n  ${said.join("\n  ")}`}`,
    `${found?.advice ?? "Correct that, then run the same command again."}${log ? ` npm's whole log is ${log}.` : ""}`,
  );
}
