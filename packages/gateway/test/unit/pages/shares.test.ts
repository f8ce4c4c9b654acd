import { describe, expect, it } from "vitest";
import type { Surveyed } from "../../../src/hub-service/survey.ts";
import { endAllPage } from "../../../src/pages/end-all.ts";
import { sharesPage } from "../../../src/pages/shares.ts";
import { defaultPolicy, listedShare, overview, runningServer } from "../../support/shared-servers.ts";

const evil = `"><img src=x onerror=alert(1)>'&`;
const frame = { baseUrl: "/services/waiide/", hubAddress: "/hub/", administrator: "root", proof: "proof-1" };
const ok = (user: string, name: string, ...shares: ReturnType<typeof listedShare>[]): Surveyed => ({
  server: runningServer(user, name),
  found: { kind: "ok", body: overview(shares) },
});

function show(servers: readonly Surveyed[], more: Partial<Parameters<typeof sharesPage>[0]> = {}): string {
  const takenAt = Date.parse("2026-11-25T12:00:00Z");
  return sharesPage({ ...frame, servers, notice: undefined, takenAt, refresh: undefined, ...more }).html;
}

/** As people read it. */
const words = (html: string) =>
  html
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

const guest = {
  session: "1",
  entered_at: "2026-11-25T12:00:00.000Z",
  permission: "View Only",
  level: "view",
} as const;

describe("the administrator's page", () => {
  it("lists shares by owner and server, with guests, expiry and recipient", () => {
    const html = show([
      ok(
        "alice",
        "",
        listedShare({
          guests: [
            { ...guest, name: "Zoë", present: true, hub_user: null },
            { ...guest, name: "x", present: true, hub_user: "bob" },
            { ...guest, name: "Gone", present: false, hub_user: null },
          ],
        }),
      ),
      ok(
        "alice",
        "lab",
        listedShare({ level: "terminal", permission: "Terminal Access", with: { user: "bob" }, expires_at: null }),
      ),
      ok(
        "bob",
        "",
        listedShare({ scope: { kind: "selection", path: "a.py", line: 3, col: 0, end_line: 9, end_col: null } }),
      ),
    ]);
    const text = words(html);
    expect(text).toContain("3 shares on 3 running servers, 2 guests online. As of 2026-11-25 12:00 UTC");
    expect(text).toMatch(
      /alice 2 shares .*default View Only anyone with the link Whole workspace .*Zoë \(name not verified\) bob \(account at the hub\) 2026-11-26 12:00 UTC/,
    );
    expect(text).toMatch(/lab Terminal Access only bob .* never .*bob 1 share .*a\.py, lines 3–9/);
    expect(text).not.toContain("Gone");
    expect(html.match(/<form method="post" action="\/services\/waiide\/end">/g)).toHaveLength(3);
    expect(html).toContain('href="/services/waiide/end?user=alice"');
  });

  it("says that nothing is shared, and which servers did not answer", () => {
    const found = (kind: "silent" | "foreign" | "unaware" | "unasked", user: string): Surveyed => ({
      server: runningServer(user),
      found: { kind, reason: "no answer in 3 s" },
    });
    const foreign = show([found("foreign", "lab-user")]);
    expect(words(foreign)).toContain("Nothing is shared.");
    expect(foreign).toContain("<details>");
    const troubled = show([found("foreign", "f"), found("silent", "s"), found("unaware", "u"), found("unasked", "n")]);
    expect(troubled).toContain("<details open>");
    expect(words(troubled)).toContain("Nothing is shared on the servers that answered.");
    expect(words(troubled)).toMatch(
      /4 servers whose shares are not known Started before .* u No answer s : no answer in 3 s Not asked: .* n Other software/,
    );
  });

  it("shows the policy once, and the servers that differ", () => {
    const strict = overview([], { ...defaultPolicy, links: false });
    const off = { ...overview(), sharing_available: false, reason: "an administrator has turned it off (--sharing)" };
    const of = (user: string, body: ReturnType<typeof overview>): Surveyed => ({
      server: runningServer(user),
      found: { kind: "ok", body },
    });
    const same = words(show([of("a", overview()), of("b", overview())]));
    expect(same).toMatch(
      /On every server.*View Only yes yes no limit Full Access yes yes no limit Terminal Access no yes 7 days/,
    );
    expect(same).not.toContain("Different");
    const text = words(show([of("a", strict), of("b", overview()), of("c", overview()), of("d", off)]));
    expect(text).toContain("On 2 of 4 servers");
    expect(text).toMatch(/Different on a .*Links are turned off/);
    expect(text).toMatch(/Different on d Nothing: an administrator has turned it off/);
  });

  it("loads itself again only where that is wanted, and says what was done", () => {
    expect(show([])).not.toMatch(/http-equiv="refresh"|data-refresh/);
    expect(show([], { refresh: 30 })).toMatch(
      /<noscript><meta http-equiv="refresh" content="30"><\/noscript>[\s\S]*data-refresh="30"/,
    );
    const good = show([], { notice: { isGood: true, lines: ["1 share of alice revoked, 0 guests disconnected."] } });
    expect(good).toContain('role="status" tabindex="-1"><p>1 share of alice revoked');
    expect(show([], { notice: { isGood: false, lines: ["x"] } })).toContain('class="notice bad" role="alert"');
  });

  it("R17: escapes all that strangers wrote, and servers say", () => {
    const share = listedShare({
      note: evil,
      root: evil,
      scope: { kind: "file", path: evil },
      with: { group: evil },
      id: evil,
      guests: [{ ...guest, name: evil, present: true, hub_user: null }],
    });
    const servers: Surveyed[] = [
      { server: runningServer(evil, evil), found: { kind: "ok", body: overview([share]) } },
      { server: runningServer(evil, evil), found: { kind: "refused", reason: evil } },
    ];
    const html = show(servers, { administrator: evil, notice: { isGood: false, lines: [evil] } });
    const asked = endAllPage({ ...frame, user: evil, servers }).html;
    for (const text of [html, asked]) {
      expect(text).not.toContain("<img");
      expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;");
      expect(text).not.toMatch(/\sstyle=|\son\w+=(?!alert)/);
    }
  });

  it("asks before all shares of a user end, and shows which", () => {
    const servers: Surveyed[] = [
      ok("alice", "", listedShare({ note: "one" })),
      ok("alice", "lab", listedShare({ note: "two" })),
      { server: runningServer("alice", "slow"), found: { kind: "silent", reason: "no answer" } },
    ];
    const { html } = endAllPage({ ...frame, user: "alice", servers });
    const text = words(html);
    expect(text).toMatch(
      /End all shares of alice\?.*2 shares of alice would end.*1 server of alice did not answer.*one.*two.*End all of them Keep them/,
    );
    expect(html.match(/<form /g)).toHaveLength(1);
    expect(html).toContain('name="proof" value="proof-1"');
  });
});
