import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { PortLogins } from "../../../src/access/port-logins.ts";
import { PortNames } from "../../../src/access/port-names.ts";
import { GatewayError } from "../../../src/base/errors.ts";
import { AllowedHosts } from "../../../src/http/hosts.ts";
import { parsePortDomain } from "../../../src/http/names/port-domain.ts";
import type { RequestContext } from "../../../src/http/request-context.ts";

interface Given {
  readonly domain?: string;
  readonly main?: string;
  readonly behindHub?: boolean;
}

function namesOf({ domain, main, behindHub = false }: Given = {}): PortNames {
  return new PortNames({
    domain: domain === undefined ? undefined : parsePortDomain(domain),
    local: !behindHub,
    mainOrigin: () => main,
    hosts: behindHub ? undefined : new AllowedHosts("127.0.0.1", ["example.org"]),
  });
}

const at = (host: string, scheme: "http" | "https" = "http") => ({ host, scheme });

describe("R32: names of ports", () => {
  it("below localhost are served without a hub only", () => {
    expect(namesOf().portOf("3000.localhost:8070")).toBe("3000");
    expect(namesOf({ behindHub: true }).portOf("3000.localhost:8070")).toBeUndefined();
    expect(namesOf().portOf("3000.webview.localhost:8070")).toBeUndefined();
    expect(namesOf().portOf("app.localhost:8070")).toBeUndefined();
  });

  it("lead to the login at the origin where the IDE is used", () => {
    const main = "http://127.0.0.1:8070";
    expect(namesOf({ main }).mainOf(at("3000.localhost:8070"))).toBe(main);
    // Another port may be another program, as through a tunnel.
    expect(namesOf({ main }).mainOf(at("3000.localhost:9000"))).toBe("http://localhost:9000");
    expect(namesOf({ main: "https://ide.example" }).mainOf(at("3000.localhost:80"))).toBe("http://localhost:80");
    const domain = "example.org";
    expect(namesOf({ domain, main: "https://ide.example" }).mainOf(at("3000.example.org"))).toBe("https://ide.example");
    expect(namesOf({ domain }).mainOf(at("3000.example.org:81"))).toBe("http://example.org:81");
    expect(namesOf({ domain: "apps.example" }).mainOf(at("3000.apps.example"))).toBeUndefined();
  });

  it("take links of the IDE's pages for the person's own, and no program's", () => {
    const names = namesOf({ domain: "apps.example", main: "https://ide.example" });
    const host = at("3000.apps.example:8070");
    expect(names.isMain("https://ide.example", host)).toBe(true);
    expect(names.isMain("http://localhost:8070", host)).toBe(true);
    for (const other of ["http://localhost:9000", "http://5000.apps.example:8070", "http://5000.localhost:8070"]) {
      expect(names.isMain(other, host), other).toBe(false);
    }
  });

  it("are links of the Ports view where a domain is set", () => {
    expect(namesOf().template(at("localhost:8070"))).toBeUndefined();
    expect(namesOf({ domain: "localhost" }).template(at("localhost:8070"))).toBe("http://{{port}}.localhost:8070/");
    expect(namesOf({ domain: "https://a.example" }).template(at("hub.example:81"))).toBe("https://{{port}}.a.example/");
  });

  it("are refused once the hub turns out to share the domain", () => {
    const names = namesOf({ behindHub: true, domain: "example.org", main: "https://hub.example.org" });
    expect(names.fault()).toContain("is a parent domain of the hub's");
    expect(names.template(at("hub.example.org"))).toBeUndefined();
    expect(namesOf({ behindHub: true, domain: "a.example", main: "https://hub.example.org" }).fault()).toBeUndefined();
    const logins = new PortLogins({ names, baseUrl: "/user/ada/", suffix: "" });
    expect(() => logins.requireServed()).toThrow("Ports have no names of their own here");
  });
});

describe("R32: a login on its way to a port", () => {
  let now = 0;
  const names = { mainOf: () => "https://ide.example", fault: () => undefined };
  const requestOf = (cookie?: string) => ({ headers: { cookie } }) as unknown as IncomingMessage;
  const contextOf = (query: string, host = "3000.apps.example"): RequestContext => {
    return { id: "1", path: "/", query, baseUrl: "/", host, scheme: "https", clientAddress: "192.0.2.1" };
  };
  const codeOf = (error: () => unknown) => {
    try {
      error();
    } catch (thrown) {
      return thrown instanceof GatewayError ? thrown.code : thrown;
    }
    return "passed";
  };

  function begun() {
    const logins = new PortLogins({ names, baseUrl: "/user/ada/", suffix: "", clock: () => now });
    const start = logins.begin(requestOf(), contextOf("?a=1"));
    const browser = requestOf(start.cookies[0]?.split(";")[0]);
    return { logins, state: new URL(start.location).search, browser };
  }
  const owner = requestOf("jupyterhub-user-ada=secret; theme=dark");

  it("keeps only our cookies, for that name alone", () => {
    const { logins, state, browser } = begun();
    const { search } = new URL(logins.handOut(owner, state));
    const { location, cookies } = logins.enter(browser, contextOf(search));
    expect(location).toBe("/?a=1");
    const session = requestOf(cookies[0]?.split(";")[0]);
    expect(logins.loginOf(session, contextOf(""))).toBe("jupyterhub-user-ada=secret");
    expect(logins.loginOf(session, contextOf("", "3000.apps.example:8443"))).toBe("jupyterhub-user-ada=secret");
    expect(logins.loginOf(session, contextOf("", "4000.apps.example"))).toBe("");
    expect(logins.loginOf(requestOf("__Host-waiide-port=x"), contextOf(""))).toBe("");
  });

  it("each step works once, and not for long", () => {
    const first = begun();
    const { search } = new URL(first.logins.handOut(owner, first.state));
    expect(codeOf(() => first.logins.handOut(owner, first.state))).toBe("PORT_LOGIN_STALE");
    now += 30_000;
    expect(codeOf(() => first.logins.enter(first.browser, contextOf(search)))).toBe("PORT_LOGIN_STALE");
    const second = begun();
    now += 600_000;
    expect(codeOf(() => second.logins.handOut(owner, second.state))).toBe("PORT_LOGIN_STALE");
  });

  it("is handed to the name, the scheme and the browser in which it began", () => {
    const others: readonly (readonly [IncomingMessage | undefined, Partial<RequestContext>])[] = [
      [undefined, { host: "4000.apps.example" }],
      [undefined, { host: "3000.apps.example:8443" }],
      [undefined, { scheme: "http" }],
      [requestOf("__Host-waiide-entry-x=y"), {}],
    ];
    for (const [other, change] of others) {
      const { logins, state, browser } = begun();
      const { search } = new URL(logins.handOut(owner, state));
      const context = { ...contextOf(search), ...change };
      expect(codeOf(() => logins.enter(other ?? browser, context))).toBe("PORT_LOGIN_STALE");
      expect(codeOf(() => logins.enter(browser, contextOf(search)))).toBe("PORT_LOGIN_STALE");
    }
  });

  it("is handed to nobody who has no login", () => {
    const { logins, state } = begun();
    expect(codeOf(() => logins.handOut(requestOf("theme=dark"), state))).toBe("PORT_LOGIN_STALE");
  });
});
