import { createHash } from "node:crypto";

// Content security policies of the page and of the files that have one of their own (RULES R18).

/**
 * Own origin only; no inline script, no `unsafe-eval`. VS Code writes styles into elements and makes rules at run time, so
 * inline styles cannot be refused. `blob:`, `data:`: pictures of the share, and what style sheets contain.
 */
export const pagePolicy = [
  "default-src 'none'",
  // Oniguruma, which finds the colours, is WebAssembly; that permits no evaluation of text.
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Workers only compute. */
export const workerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** The one for colours runs Oniguruma too. */
export const coloursPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/**
 * A frame for output of a notebook: of no origin, without network. Nothing runs in it but its own script, which is named by
 * its hash.
 */
export function stillFramePolicy(html: string): string {
  const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(script).digest("base64");
  return `sandbox allow-scripts; default-src 'none'; script-src 'sha256-${hash}'; ${frameRest}`;
}

/**
 * The same, for output whose script a person wants to run. Whatever it is, it finds no origin, no network and nothing but
 * itself; `unsafe-eval`, because plotting libraries make functions of their data.
 */
const frameRest =
  "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";
export const scriptedFramePolicy = `sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob: data:; worker-src blob:; ${frameRest}`;

/**
 * Header `Connection-Allowlist` of that frame: nothing. It also ends what no directive of a policy covers, WebRTC (Chromium 152
 * and newer; https://wicg.github.io/connection-allowlists).
 */
export const scriptedFrameConnections = "()";
