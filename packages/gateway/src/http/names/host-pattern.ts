import { hostnameOf } from "../hosts.ts";

/** How a host is related to the names of a pattern. `parent`: the pattern's domain lies above it; `child`: below it. */
export type HostRelation = "same" | "parent" | "child";

const label = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Host names that differ in one part: `3000.example.org` for ports, or a share's id below a domain of its own. The part is a whole
 * label, or stands in the first one (`{{port}}-alice.example.org`), which one wildcard certificate then covers for many users.
 */
export class HostPattern {
  /** What all names lie below. */
  readonly domain: string;
  readonly #before: string;
  readonly #after: string;

  private constructor(before: string, after: string, domain: string) {
    this.#before = before;
    this.#after = after;
    this.domain = domain;
  }

  /**
   * @param text `example.org`, `*.example.org`, `{{port}}.example.org` or `{{port}}-alice.example.org`. KubeSpawner turns `{{` into
   * `{`, so one brace is read as two.
   * @param part the word in the braces
   * @returns undefined if it is no such name
   */
  static parse(text: string, part: string): HostPattern | undefined {
    const placeholder = new RegExp(`\\{?\\{${part}\\}\\}?`, "g");
    const named = text.toLowerCase().replace(/\.$/, "").replace(/^\*\./, "").replace(placeholder, "*");
    const whole = named.includes("*") ? named : `*.${named}`;
    const [before = "", after = "", ...more] = whole.split("*");
    const [rest = "", ...domain] = after.split(".");
    const labels = [`${before}x${rest}`, ...domain];
    const isNumeric = /^\d+$/.test(domain.at(-1) ?? "");
    if (more.length > 0 || domain.length === 0 || isNumeric || !labels.every((one) => label.test(one)))
      return undefined;
    return new HostPattern(before, after, domain.join("."));
  }

  /** Whether the first label says more than the part: whose names they are. */
  get isOwned(): boolean {
    return this.#before !== "" || !this.#after.startsWith(".");
  }

  /** The part that makes this Host one of the names, without further labels; undefined for any other. */
  partOf(host: string): string | undefined {
    const name = hostnameOf(host);
    if (name === undefined || !name.startsWith(this.#before) || !name.endsWith(this.#after)) return undefined;
    const part = name.slice(this.#before.length, name.length - this.#after.length);
    return label.test(part) ? part : undefined;
  }

  /** The name with this part, without a port. */
  hostOf(part: string): string {
    return `${this.#before}${part}${this.#after}`;
  }

  /** Cookies of two hosts can meet where one lies below the other; undefined: they cannot. */
  relationTo(hostname: string): HostRelation | undefined {
    const name = hostname.toLowerCase();
    if (name === this.domain) return "same";
    if (name.endsWith(`.${this.domain}`)) return "parent";
    return this.domain.endsWith(`.${name}`) ? "child" : undefined;
  }

  /** Whether both lie below one domain that people may register: browsers take them for one site. Without a list of public suffixes. */
  isNear(hostname: string): boolean {
    const end = (name: string) => name.split(".").slice(-2).join(".");
    return hostname.includes(".") && end(hostname.toLowerCase()) === end(this.domain);
  }
}
