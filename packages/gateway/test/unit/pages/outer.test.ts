import { expect, it } from "vitest";
import { outerPage } from "../../../src/pages/outer.ts";

const manifest = {
  hash: "0123456789abcdef",
  entry: "main.js",
  styles: [],
  preload: [],
  policy: "",
  app: { entry: "app.js", styles: ["app.css"] },
  files: {},
};
const content = {
  manifest,
  sharePath: "/user/a;b,c/share/x/",
  assets: "/user/a/share/assets/0/",
  own: undefined,
  proof: "p".repeat(43),
};

it("R31: the page around an app frames only this app, and nothing frames the page", () => {
  const { headers, html } = outerPage({ ...content, hosts: ["hub.example:8443", "share.test"] });
  const app = "/user/a%3Bb%2Cc/share/x/app/";
  expect(headers["Content-Security-Policy"]).toBe(
    [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      "connect-src 'self'",
      `frame-src hub.example:8443${app} share.test${app}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  );
  expect(headers["Referrer-Policy"]).toBe("no-referrer");
  expect(html).not.toContain("<iframe");
  expect(html).toContain('<script type="module" src="/user/a/share/assets/0/app.js">');
});

it("R31: without a host the page shows no frame at all", () => {
  expect(outerPage({ ...content, hosts: [] }).headers["Content-Security-Policy"]).toContain("; frame-src ;");
});

it("R35: an app on a host of its own is framed there, and that host lets the page in", () => {
  const own = "https://0a--ada.apps.example.net";
  const policy = outerPage({ ...content, hosts: ["hub.example"], own }).headers["Content-Security-Policy"];
  expect(policy).toContain(`; connect-src 'self' ${own}/~waiide/;`);
  expect(policy).toContain(`; frame-src hub.example/user/a%3Bb%2Cc/share/x/app/ ${own}/;`);
});
