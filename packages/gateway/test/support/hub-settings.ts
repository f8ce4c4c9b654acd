import type { HubSettings } from "../../src/config/hub-settings.ts";

/** What a hub with subdomains says to alice's server `waiide`. */
export const aliceOnSubdomain: HubSettings = {
  user: "alice",
  serverName: "waiide",
  apiUrl: "http://127.0.0.1:8081/hub/api",
  apiToken: "0123456789abcdef0123456789abcdef",
  clientId: "jupyterhub-user-alice-waiide",
  host: "https://hub.example",
  baseUrl: "/",
  servicePrefix: "/user/alice/waiide/",
  oauthCallbackUrl: "https://alice.hub.example/user/alice/waiide/oauth_callback",
  accessScopes: ["access:servers!server=alice/waiide", "access:servers!user=alice"],
  activityInterval: undefined,
  activityUrl: "http://127.0.0.1:8081/hub/api/users/alice/activity",
  listener: { secure: false, host: "127.0.0.1", port: 51234 },
  publicUrl: "https://alice.hub.example/user/alice/waiide/",
  cookieHostPrefix: false,
  cookieOptions: { secure: false, sameSite: "Lax", ignored: [] },
  allowTokenInUrl: false,
  adminAccess: false,
  tls: undefined,
};

/** The same where all users share one origin. */
export const alice: HubSettings = {
  ...aliceOnSubdomain,
  host: "",
  oauthCallbackUrl: "/user/alice/waiide/oauth_callback",
  publicUrl: undefined,
};
