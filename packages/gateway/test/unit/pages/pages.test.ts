import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { errorPage } from "../../../src/http/pages/error.ts";
import { html } from "../../../src/http/pages/html.ts";
import type { Page } from "../../../src/http/pages/page.ts";
import { waitingPage } from "../../../src/http/pages/waiting.ts";
import { foreignVisitPage } from "../../../src/pages/foreign-visit.ts";
import { loginPage } from "../../../src/pages/login.ts";
import { portEntryPage } from "../../../src/pages/port-entry.ts";
import { startingPage } from "../../../src/pages/starting.ts";

const evil = `"><img src=x onerror=alert(1)>'&`;
const failure = new GatewayError("IDE_FAILED", { reason: evil });
const proof = "p".repeat(43);
const starting = {
  baseUrl: "/user/ada/",
  state: "starting",
  phase: evil,
  log: [evil],
  error: undefined,
  proof,
} as const;

const pages: readonly (readonly [string, Page])[] = [
  ["starting", startingPage(starting)],
  ["failed", startingPage({ ...starting, state: "failed", error: failure })],
  ["starting and fetching", startingPage({ ...starting, ahead: [{ address: evil, size: 1 }] })],
  ["guests' starting", startingPage({ ...starting, forGuests: true })],
  ["port's waiting", waitingPage({ title: evil, waitsFor: evil, error: failure })],
  ["app's starting", waitingPage({ title: evil, waitsFor: evil, error: failure, log: [evil] })],
  ["error", errorPage(failure, { id: "a1", baseUrl: "/user/ada/" })],
  ["question", foreignVisitPage({ home: "/user/ada/", address: `/user/ada/${evil}`, program: evil, sender: evil })],
  ["port's entry", portEntryPage(`/${evil}`)],
  ["login", loginPage({ baseUrl: "/user/ada/", next: evil, error: failure, asks: "token" })],
  [
    "login with a password",
    loginPage({ baseUrl: "/", next: evil, asks: "password", appName: evil, welcomeText: evil }),
  ],
];

const inlined = (page: Page, tag: string) =>
  [...page.html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, "g"))].map(([, text = ""]) => text);
const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

describe.each(pages)("R18 the %s page", (_name, page) => {
  const policy = page.headers["Content-Security-Policy"] ?? "";

  test("runs and shows only what its policy names by hash", () => {
    const scripts = inlined(page, "script").map(hashOf);
    expect(policy).toBe(
      [
        "default-src 'none'",
        `style-src ${inlined(page, "style").map(hashOf).join(" ")}`,
        ...(scripts.length === 0 ? [] : [`script-src ${scripts.join(" ")}`, "connect-src 'self'"]),
        "img-src data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
    );
  });

  test("has no inline handler or style, nothing from outside, and is never stored", () => {
    const withoutValues = page.html.replaceAll(/"[^"]*"/g, '""');
    expect(withoutValues).not.toMatch(/<[a-z][^>]*\son\w+\s*=/i);
    expect(page.html).not.toMatch(/\sstyle=/);
    expect(page.html).not.toMatch(/(src|href|action)="(https?:)?\/\//);
    expect(page.headers["Cache-Control"]).toBe("no-store");
    expect(page.headers["X-Content-Type-Options"]).toBe("nosniff");
  });

  test("escapes everything", () => {
    expect(page.html).not.toContain("<img");
    expect(page.html).toContain("&lt;img src=x onerror=alert(1)&gt;&#39;&amp;");
  });

  test("has a language, one heading, a main part, and both colour schemes", () => {
    expect(page.html).toContain('<html lang="en">');
    expect(page.html.match(/<h1\b/g)).toHaveLength(1);
    expect(page.html.match(/<main>/g)).toHaveLength(1);
    expect(page.html).toContain("prefers-color-scheme: dark");
  });
});

describe("the starting page", () => {
  test("announces its phase, and moves on without JavaScript too", () => {
    const page = startingPage(starting).html;
    expect(page).toContain('role="status" aria-live="polite"');
    expect(page).toContain('<noscript><meta http-equiv="refresh" content="3"></noscript>');
    expect(page).toContain('data-status="/user/ada/api/status"');
    expect(page).not.toContain("<button");
  });

  test("offers a restart after a failure, says what to do, does not reload itself", () => {
    const page = startingPage({ ...starting, state: "failed", error: failure }).html;
    expect(page).toContain('role="alert"');
    expect(page).toContain(failure.action);
    expect(page).toContain('<form method="post" action="/user/ada/api/ide/restart">');
    expect(page).not.toContain("http-equiv");
  });

  test.each(["starting", "failed", "stopped"] as const)("of guests names nothing of the owner's (%s)", (state) => {
    const page = startingPage({ ...starting, state, error: failure, forGuests: true }).html;
    expect(page).not.toContain("/user/ada/");
    expect(page).not.toContain("<button");
    expect(page).toContain('data-probe="version"');
    expect(page).toContain(`data-state="${state === "starting" ? "starting" : "failed"}"`);
  });
});

test("a waiting page says for what, and works without JavaScript", () => {
  const error = new GatewayError("BACKEND_UNREACHABLE", { backend: "port 7860", reason: "refused" });
  const page = waitingPage({
    title: "Waiting for port 7860",
    waitsFor: "Nothing answers on port 7860 yet.",
    error,
  }).html;
  expect(page).toContain('role="status" aria-live="polite"');
  expect(page).toContain('<span id="phase">Nothing answers on port 7860 yet.</span>');
  expect(page).toContain(error.action);
  expect(page).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
  expect(page).not.toContain('id="log"');
});

test("templates escape every value but HTML, and leave nothing for undefined", () => {
  expect(html`<p title="${evil}">${undefined}${html`<b>${1}</b>`}${[html`<i>`, html`</i>`]}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#39;&amp;"><b>1</b><i></i></p>',
  );
});

test("only people with access get a link to the IDE", () => {
  const context = { id: "a1", baseUrl: "/user/ada/" };
  const denied = new GatewayError("HUB_ACCESS_DENIED", { user: "bob", owner: "ada", base: "/user/ada/" });
  expect(errorPage(denied, context).html).not.toContain("Open the IDE");
  expect(errorPage(new GatewayError("APP_UNKNOWN", { name: "lab" }), context).html).toContain('<a href="/user/ada/">');
});
