import {
  type AppPolicy,
  type ApprovalPolicy,
  type FileLevel,
  isWithin,
  type Level,
  levels,
  levelWords,
  minLife,
  type StoredApp,
  setDurationWords,
} from "@waiide/protocol";

/** The ceilings of RULES R19 that apply to a share. */
export interface PolicySettings {
  readonly level: FileLevel;
  /** Of shares that anyone with the link can open. */
  readonly linkLevel: FileLevel;
  readonly links: boolean;
  readonly hubUsersOnly: boolean;
  readonly approval: ApprovalPolicy;
  /** Whether people in a share may write messages to each other. */
  readonly talk: boolean;
  /** Seconds; 0: no limit. */
  readonly maxLife: number;
  /** The same for Terminal Access. */
  readonly terminalMaxLife: number;
  /** At a time. */
  readonly maxShares: number;
  /** Whether the owner may show a terminal to guests. */
  readonly terminals: boolean;
  /** Which running apps may be shared. */
  readonly apps: AppPolicy;
  /** Whether others may be allowed to make their own copy. */
  readonly copies: boolean;
}

/** The facts of a share that its ceiling depends on. */
export interface JudgedLevel {
  readonly level: Level;
  readonly app: Pick<StoredApp, "name" | "runsCode"> | null;
}

/** The facts of a share that ceilings judge. Times in milliseconds since 1970; `expiresAt` null: never. */
export interface JudgedShare extends JudgedLevel {
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** The level as which ceilings count a share: an app in which guests run code is a terminal, whatever it is called. */
export function countedLevel({ level, app }: JudgedLevel): FileLevel {
  if (level !== "app") return level;
  return app?.runsCode === false ? "edit" : "terminal";
}

/**
 * Whether a share is permitted.
 * @param isNamed with a user or group of the hub, not with anyone who has a link
 * @returns why not, in words; undefined: it is
 */
export function shareRefusal(share: JudgedLevel, policy: PolicySettings, isNamed: boolean): string | undefined {
  const refusal = share.level === "app" ? appRefusal(share.app, policy) : undefined;
  return refusal ?? levelRefusal(countedLevel(share), policy, isNamed);
}

function appRefusal(app: JudgedLevel["app"], { apps }: PolicySettings): string | undefined {
  if (apps === "off") return "an administrator has turned the sharing of apps off";
  if (apps === "configured" && (app?.name ?? null) === null) {
    return "an administrator permits only apps of the configuration, not those on other ports";
  }
  return undefined;
}

/**
 * Whether a level may be shared at all.
 * @param isNamed with a user or group of the hub, not with anyone who has a link
 * @returns why not, in words; undefined: it may
 */
export function levelRefusal(level: FileLevel, policy: PolicySettings, isNamed = false): string | undefined {
  const { name } = levelWords[level];
  if (!isNamed && !policy.links) return "an administrator has turned share links off";
  if (!isWithin(level, policy.level)) return `an administrator permits no more than ${levelWords[policy.level].name}`;
  if (!isNamed && !isWithin(level, policy.linkLevel)) {
    return `an administrator permits links up to ${levelWords[policy.linkLevel].name}; ${name} needs a named person`;
  }
  return undefined;
}

/** Seconds; null: no limit. */
export function maxLifeOf(level: FileLevel, policy: PolicySettings): number | null {
  const limits = [policy.maxLife, ...(level === "terminal" ? [policy.terminalMaxLife] : [])];
  const set = limits.filter((limit) => limit > 0);
  return set.length === 0 ? null : Math.min(...set);
}

/** @param life seconds; null: never. @returns why not, in words */
export function lifeRefusal(level: FileLevel, life: number | null, policy: PolicySettings): string | undefined {
  const longest = maxLifeOf(level, policy);
  if (longest === null || (life !== null && life <= longest)) return undefined;
  return `${levelWords[level].name} may be shared for at most ${setDurationWords(longest * 1_000)}`;
}

/** When a share ends under these ceilings, also if it was made under wider ones (RULES R19). */
export function endOf(share: JudgedShare, policy: PolicySettings): number | null {
  const longest = maxLifeOf(countedLevel(share), policy);
  if (longest === null) return share.expiresAt;
  const ceiling = share.createdAt + longest * 1_000;
  return share.expiresAt === null ? ceiling : Math.min(share.expiresAt, ceiling);
}

/** The longest life that the default of a day becomes where less is permitted. Seconds. */
export function defaultLifeFor(level: FileLevel, wanted: number, policy: PolicySettings): number {
  return Math.max(minLife, Math.min(wanted, maxLifeOf(level, policy) ?? wanted));
}

/** Every level with whether it may be chosen, for menus. */
export function levelChoices(policy: PolicySettings) {
  return levels.map((level) => {
    const reason = levelRefusal(level, policy);
    return {
      level,
      permission: levelWords[level].name,
      promise: levelWords[level].promise,
      allowed: reason === undefined,
      allowed_named: levelRefusal(level, policy, true) === undefined,
      ...(reason === undefined ? {} : { reason }),
      longest_life: maxLifeOf(level, policy),
    };
  });
}

/** What an administrator compares between servers. @param reason why nothing can be shared */
export function overviewOf(policy: PolicySettings, reason: string | undefined) {
  return {
    sharing_available: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    levels: levelChoices(policy),
    most_shares: policy.maxShares,
    links: policy.links,
    hub_users_only: policy.hubUsersOnly,
    approval: policy.approval,
    talk: policy.talk,
    copies: policy.copies,
    apps: policy.apps,
  };
}
