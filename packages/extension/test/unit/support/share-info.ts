import type { ShareInfo } from "@waiide/protocol";

type Levels = ShareInfo["levels"][number];

/** What the gateway says about sharing. @param change of single levels */
export function shareInfo(change: Partial<Record<"view" | "edit" | "terminal", Partial<Levels>>> = {}): ShareInfo {
  const level = (name: "view" | "edit" | "terminal", permission: Levels["permission"]): Levels => ({
    level: name,
    permission,
    promise: `promise of ${name}`,
    allowed: true,
    longest_life: null,
    ...change[name],
  });
  return {
    sharing_available: true,
    environment: "jupyterhub",
    user: "alice",
    server_name: "",
    workspace: "/w",
    public_url: null,
    levels: [level("view", "View Only"), level("edit", "Full Access"), level("terminal", "Terminal Access")],
    most_shares: 10,
    hidden: [],
    protected: [],
  };
}
