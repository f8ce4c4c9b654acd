import type { Share, ShareOverview } from "@waiide/protocol";
import type { RunningServer } from "../../src/hub-service/servers.ts";
import { levelChoices, type PolicySettings } from "../../src/share/records/policy.ts";

export const defaultPolicy: PolicySettings = {
  level: "terminal",
  linkLevel: "edit",
  links: true,
  hubUsersOnly: false,
  approval: "optional",
  talk: true,
  maxLife: 0,
  terminalMaxLife: 604_800,
  maxShares: 100,
  terminals: true,
  apps: "ports",
  copies: true,
};

export function runningServer(user: string, name = "", changes: Partial<RunningServer> = {}): RunningServer {
  const path = name === "" ? `/user/${user}/` : `/user/${user}/${name}/`;
  return { user, name, groups: [], path, host: undefined, isReady: true, ...changes };
}

export function listedShare(changes: Partial<Share> = {}): Share {
  return {
    id: "share-1",
    permission: "View Only",
    level: "view",
    promise: "can view files, but not edit them",
    scope: { kind: "workspace" },
    root: "/home/alice/workspace",
    created_at: "2026-11-25T12:00:00.000Z",
    expires_at: "2026-11-26T12:00:00.000Z",
    note: "",
    max_guests: null,
    approve: false,
    copy: null,
    commit: null,
    made_during: null,
    with: null,
    guests: [],
    requests: [],
    ...changes,
  };
}

export function overview(shares: readonly Share[] = [], policy: PolicySettings = defaultPolicy): ShareOverview {
  return {
    version: "0.1.0",
    sharing_available: true,
    levels: levelChoices(policy),
    most_shares: policy.maxShares,
    links: policy.links,
    hub_users_only: policy.hubUsersOnly,
    approval: policy.approval,
    talk: policy.talk,
    shares: [...shares],
  };
}
