import fc from "fast-check";
import { expect, it } from "vitest";
import { mailFor } from "../../../src/create/mail.ts";

const share = { permission: "View Only", expires_at: "2026-11-26T00:00:00Z" } as const;

/** Whatever may stand in an address, and more. */
const link = fc.string({ unit: "grapheme-ascii" }).map((rest) => `https://hub.example/${rest}#${rest}`);

/** As mail programs read it (RFC 6068). */
function read(address: string): Record<string, string> {
  const query = address.slice(address.indexOf("?") + 1).split("&");
  return Object.fromEntries(
    query.map((field) => {
      const [name = "", value = ""] = field.split("=");
      return [name, decodeURIComponent(value)];
    }),
  );
}

it("has no recipient, a subject, a text, and the link on its own line", () => {
  const url = "https://hub.example/user/a%40b/share/x/#secret_-1";
  const mail = mailFor({ ...share, url }, "alice");
  expect(mail).toMatch(/^mailto:\?/);
  expect(mail).not.toContain("#");
  const { subject, body } = read(mail);
  expect(subject).toBe("alice shares a workspace with you");
  expect(body?.split("\r\n")).toContain(url);
  expect(body).toContain("View Only");
  expect(body).toContain("26 Nov 2026");
});

it("any link survives exactly, and no owner's name adds a field", () => {
  fc.assert(
    fc.property(link, fc.string({ unit: "grapheme" }), (url, owner) => {
      const fields = read(mailFor({ ...share, url }, owner));
      expect(Object.keys(fields)).toEqual(["subject", "body"]);
      expect(fields.body?.split("\r\n")).toContain(url);
    }),
  );
});

it("a share that never ends says how it ends", () => {
  expect(read(mailFor({ ...share, expires_at: null, url: "https://a/#b" }, "alice")).body).toContain(
    "until it is revoked",
  );
});
