import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { foreignOrigin } from "../../../src/http/origin.ts";

interface Row {
  method?: string;
  upgrade?: boolean;
  headers: Record<string, string>;
  passes: boolean;
}

const host = "hub.example:8443";
const rows: Record<string, Row> = {
  "GET from anywhere": { headers: { origin: "https://evil.example" }, passes: true },
  "HEAD from anywhere": { method: "HEAD", headers: { "sec-fetch-site": "cross-site" }, passes: true },
  "POST of our page": { method: "POST", headers: { "sec-fetch-site": "same-origin" }, passes: true },
  "POST of our page, old browser": { method: "POST", headers: { origin: `https://${host}` }, passes: true },
  "POST of our page, other case": { method: "POST", headers: { origin: "https://HUB.example:8443" }, passes: true },
  "POST of another site": {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    passes: false,
  },
  "POST of a sibling subdomain": {
    method: "POST",
    headers: { "sec-fetch-site": "same-site", origin: "https://bob.hub.example" },
    passes: false,
  },
  "POST that a person typed": { method: "POST", headers: { "sec-fetch-site": "none" }, passes: false },
  "POST with a forged Origin but honest Sec-Fetch-Site": {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site", origin: `https://${host}` },
    passes: false,
  },
  "POST with neither, of a program": { method: "POST", headers: {}, passes: true },
  "POST with Origin null": { method: "POST", headers: { origin: "null" }, passes: false },
  "POST from another port": { method: "POST", headers: { origin: "https://hub.example:9000" }, passes: false },
  "POST from a look-alike": {
    method: "POST",
    headers: { origin: "https://hub.example:8443.evil.example" },
    passes: false,
  },
  "DELETE of another site": { method: "DELETE", headers: { origin: "https://evil.example" }, passes: false },
  "unknown method": { method: "PROPFIND", headers: { origin: "https://evil.example" }, passes: false },
  "upgrade of our page": { upgrade: true, headers: { origin: `https://${host}` }, passes: true },
  "upgrade of another site": { upgrade: true, headers: { origin: "https://evil.example" }, passes: false },
  "upgrade with neither, of a program": { upgrade: true, headers: {}, passes: true },
  "upgrade without Origin, of a page": { upgrade: true, headers: { "sec-fetch-site": "cross-site" }, passes: false },
  "upgrade of an allowed origin": { upgrade: true, headers: { origin: "https://allowed.example" }, passes: true },
  "POST of an allowed origin": {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site", origin: "https://allowed.example" },
    passes: true,
  },
};

describe("R5: origin", () => {
  it.each(Object.entries(rows))("%s", (_name, { method = "GET", upgrade = false, headers, passes }) => {
    const request = { method, headers: { host, ...headers } } as unknown as IncomingMessage;
    const foreign = foreignOrigin(request, upgrade, ["https://allowed.example"]);
    expect(foreign === undefined).toBe(passes);
  });
});
