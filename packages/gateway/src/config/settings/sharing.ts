import { appPolicies, approvalPolicies, type FileLevel, FileLevelSchema, WholeNumber } from "@waiide/protocol";
import { Type } from "typebox";
import { GatewayError } from "../../base/errors.ts";
import { type AppDomain, appDomainFault, appDomainTextFault, parseAppDomain } from "../../http/names/app-domain.ts";
import { homeFolder } from "../../system/home-folder.ts";
import { defaultHidden } from "../names/hidden-names.ts";
import { defaultProtected } from "../names/protected-names.ts";
import { absolutePath } from "../paths.ts";
import { webviewSettings } from "./folders.ts";
import { requestSettings } from "./requests.ts";
import { type Context, OneOf, setting, TextList } from "./setting.ts";
import { defaultShareLimits, type ShareLimits, ShareLimitsSchema } from "./share-limits.ts";

/** The limits that an administrator sets for shares (RULES R10, R11, R14, R19). */

const sharing = setting({
  schema: Type.Boolean(),
  default: true,
  description: "Let the owner share files and the workspace with others.",
  setBy: "administrator",
  key: "sharing.enabled",
});

const publicUrl = setting({
  schema: Type.String({ pattern: "^https?://[^/?#\\s]+/?$" }),
  description:
    "Origin of share links (https://host[:port]). Default: JUPYTERHUB_PUBLIC_URL's, else JUPYTERHUB_HOST, else the origin at which the owner last opened the IDE.",
  setBy: "administrator",
  key: "sharing.publicOrigin",
  /** Only what was configured: a request's Host could be forged. */
  decide(given, { hub }): string | undefined {
    const url = [given, hub?.publicUrl, hub?.host].find((one) => one !== undefined && URL.canParse(one));
    return url === undefined ? undefined : new URL(url).origin;
  },
});

const shareRoots = setting({
  schema: TextList,
  default: [],
  description: "Folders outside the home folder that may be shared.",
  setBy: "administrator",
  key: "sharing.roots",
  decide: (given): readonly string[] => [homeFolder(), ...given.map(absolutePath)],
  show: ([_home, ...others]) => others,
});

const shareLevel = setting({
  schema: FileLevelSchema,
  default: "terminal",
  description: "Highest level of shares: view, edit or terminal.",
  setBy: "administrator",
  key: "sharing.level",
});

const shareLinkLevel = setting({
  schema: FileLevelSchema,
  description: "Highest level of shares that anyone with the link can open. Default: edit behind a hub, else terminal.",
  setBy: "administrator",
  key: "sharing.linkLevel",
  decide: (given, { isBehindHub }): FileLevel => given ?? (isBehindHub ? "edit" : "terminal"),
});

const shareLinks = setting({
  schema: Type.Boolean(),
  default: true,
  description: "Allow shares that anyone with the link can open.",
  setBy: "administrator",
  key: "sharing.links",
  decide: (given, { isBehindHub, value }): boolean => given && (isBehindHub || !value(shareHubUsersOnly)),
});

const shareHubUsersOnly = setting({
  schema: Type.Boolean(),
  default: false,
  description:
    "Guests must log in at the hub, which lets in only users with access to this server. Without a hub, this turns links off.",
  setBy: "administrator",
  key: "sharing.hubUsersOnly",
});

const shareApproval = setting({
  schema: OneOf(...approvalPolicies),
  default: "optional",
  description:
    "Whether the owner must accept each guest before they join: optional (as a share says) or always. Guests who are in stay.",
  setBy: "administrator",
  key: "sharing.approval",
});

const shareTalk = setting({
  schema: Type.Boolean(),
  default: true,
  description: "Let the people in a share write messages to each other, and comments on lines of files.",
  setBy: "administrator",
  key: "sharing.talk",
});

const shareMaxLife = setting({
  schema: WholeNumber({ minimum: 0 }),
  default: 0,
  description: "Longest life of a share in seconds; 0: no limit.",
  setBy: "administrator",
  key: "sharing.maxLife",
});

const shareTerminalMaxLife = setting({
  schema: WholeNumber({ minimum: 0 }),
  default: 604_800,
  description: "Longest life of a Terminal Access share in seconds; 0: no limit.",
  setBy: "administrator",
  key: "sharing.terminalMaxLife",
});

const maxShares = setting({
  schema: WholeNumber({ minimum: 0 }),
  default: 100,
  description: "Highest number of shares at once.",
  setBy: "administrator",
  key: "sharing.maxShares",
});

const shareTerminals = setting({
  schema: Type.Boolean(),
  default: true,
  description: "Let the owner show a terminal to the guests of a share, who cannot type in it.",
  setBy: "administrator",
  key: "sharing.terminals",
});

const shareApps = setting({
  schema: OneOf(...appPolicies),
  default: "ports",
  description:
    "Which running apps the owner may share: off, configured (those of the setting apps) or ports (those on any port too). Apps in which guests run code also need Terminal Access, all others Full Access, in share-level and share-link-level.",
  setBy: "administrator",
  key: "sharing.apps",
});

const shareAppDomain = setting({
  schema: Type.String(),
  description:
    "Shared apps get origins of their own, on which cookies and storage work: with apps.example.net, each share one name below it; behind a hub {{share}}--alice.apps.example.net, which says whose server it is. The registrable domain must be of its own, and public-url known. Empty, or not set: shared apps are sealed. See docs/sharing-apps.md.",
  setBy: "administrator",
  key: "sharing.appDomain",
  fault: (value) => (typeof value === "string" && value !== "" ? appDomainTextFault(value) : undefined),
  decide(given, context): AppDomain | undefined {
    const domain = given === undefined || given === "" ? undefined : parseAppDomain(given);
    const reason = domain && appDomainFault(domain, placeOf(context));
    if (reason === undefined) return domain;
    throw new GatewayError("SETTING_INVALID", { name: "share-app-domain", source: "the configuration", reason });
  },
  show: (domain) => domain?.pattern.hostOf("{{share}}"),
});

/** What the names of shared apps must have nothing to do with. */
function placeOf({ hub, isBehindHub, value }: Context): Parameters<typeof appDomainFault>[1] {
  const webviews = value(webviewSettings["webview-origin"]);
  return {
    isBehindHub,
    publicOrigin: value(publicUrl),
    others: [
      { what: "the hub", address: hub?.host },
      { what: "the hub", address: hub?.publicUrl },
      ...value(requestSettings["allowed-hosts"]).map((address) => ({ what: "allowed-hosts", address })),
      ...value(requestSettings["allowed-origins"]).map((address) => ({ what: "allowed-origins", address })),
      { what: "proxy-domain", address: value(requestSettings["proxy-domain"])?.pattern.hostOf("1") },
      { what: "webview-origin", address: webviews },
    ],
  };
}

const shareAdminKeys = setting({
  schema: Type.Array(Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" })),
  default: [],
  description:
    "Public keys of the administrator's page (“waiide hub-service key” prints one), which may list and revoke the shares of this server; see docs/sharing-admin.md.",
  setBy: "administrator",
  key: "sharing.adminKeys",
});

const shareHidden = setting({
  schema: TextList,
  default: defaultHidden,
  description:
    "Names (globs) of files and folders that guests never see, in place of the default list; see docs/sharing-files.md.",
  setBy: "administrator",
  key: "sharing.hidden",
});

const shareProtected = setting({
  schema: TextList,
  default: defaultProtected,
  description: "Names (globs) that guests never write, in place of the default list; see docs/sharing-files.md.",
  setBy: "administrator",
  key: "sharing.protected",
});

const shareLimits = setting({
  schema: Type.Partial(ShareLimitsSchema),
  default: {},
  description:
    "Limits of what guests may use of the machine, as a JSON object or a file with one; see docs/sharing-admin.md.",
  setBy: "administrator",
  key: "sharing.limits",
  decide: (given): ShareLimits => ({ ...defaultShareLimits, ...given }),
});

const shareCopies = setting({
  schema: Type.Boolean(),
  default: true,
  description: "Let the owner allow others to make their own copy of what is shared; see docs/copies.md.",
  setBy: "administrator",
  key: "sharing.copies",
});

/** As KubeSpawner names a profile: its `slug`. */
const Profile = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$" });

const copyProfile = setting({
  schema: Profile,
  description:
    "Profile (its slug) of the hub's spawn page with which this server was started; set it in each profile. Copies name it; see docs/copies.md.",
  setBy: "administrator",
  key: "sharing.copyProfile",
});

const shareCopyProfiles = setting({
  schema: Type.Array(Profile),
  default: [],
  description:
    "Profiles (slugs) of the hub's spawn page that others may take over with a copy, into a named server of their own; see docs/copies.md.",
  setBy: "administrator",
  key: "sharing.copyProfiles",
});

/** What limits each share (RULES R19). */
export const ceilings = {
  "share-level": shareLevel,
  "share-link-level": shareLinkLevel,
  "share-links": shareLinks,
  "share-hub-users-only": shareHubUsersOnly,
  "share-approval": shareApproval,
  "share-talk": shareTalk,
  "share-longest-life": shareMaxLife,
  "share-terminal-longest-life": shareTerminalMaxLife,
  "share-most": maxShares,
  "share-terminals": shareTerminals,
  "share-apps": shareApps,
  "share-copies": shareCopies,
} as const;

export const sharingSettings = {
  sharing,
  "public-url": publicUrl,
  "share-roots": shareRoots,
  ...ceilings,
  "copy-profile": copyProfile,
  "share-copy-profiles": shareCopyProfiles,
  "share-app-domain": shareAppDomain,
  "share-admin-keys": shareAdminKeys,
  "share-hidden": shareHidden,
  "share-protected": shareProtected,
  "share-limits": shareLimits,
} as const;
