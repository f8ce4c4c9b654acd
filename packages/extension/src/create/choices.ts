import type { Level, ShareInfo } from "@waiide/protocol";
import { t } from "../text/translation.ts";
import { durationInWords, plainText } from "../text/words.ts";

/** One line of a list. A line that an administrator's limit forbids says why, and cannot be chosen. */
export interface Choice<Value> {
  readonly value: Value;
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly icon: string;
  /** Why it cannot be chosen; undefined: it can. */
  readonly refused?: string;
}

const levelIcons: Readonly<Record<Level, string>> = { view: "eye", edit: "edit", terminal: "terminal", app: "browser" };

/** The icon of a level, here and in the view. */
export function iconOf(level: Level): string {
  return levelIcons[level];
}

/** The levels with their promises (DESIGN §3.3), and the reasons why some are not possible. */
export function levelChoices({ levels, environment, webviews }: ShareInfo): Choice<Level>[] {
  return levels.map(({ level, permission, promise, allowed, allowed_named = allowed, reason = "" }) => {
    const isOpen = level === "edit" && allowed && webviews?.separated === false;
    const namedOnly = !allowed && allowed_named && environment === "jupyterhub";
    return {
      value: level,
      label: permission,
      detail: promise,
      icon: iconOf(level),
      ...(namedOnly ? { description: t("with named people only") } : {}),
      ...(isOpen ? { description: t("notebook outputs are not separated from your IDE") } : {}),
      ...(allowed || namedOnly ? {} : { refused: plainText(reason) }),
    };
  });
}

/** `accepted`: by the link, after the owner has accepted them. */
export type Whom = "link" | "accepted" | "user" | "group";

/** The people with whom a level may be shared. Without a hub there is only the link. Where each guest must be accepted, so it says. */
export function whomChoices(
  { levels, environment, hub_users_only, approval }: ShareInfo,
  level: Level,
): Choice<Whom>[] {
  const chosen = levels.find((one) => one.level === level);
  const link: Choice<Whom> = {
    value: "link",
    label: t("Anyone with the link"),
    icon: "link",
    ...(hub_users_only ? { description: t("who can log in at the hub") } : {}),
    ...(chosen?.allowed === false ? { refused: plainText(chosen.reason ?? "") } : {}),
  };
  const accepted: Choice<Whom> = {
    ...link,
    value: "accepted",
    label: t("Anyone with the link whom I accept"),
    detail: t("Guests wait until you accept them."),
    icon: "person-add",
  };
  const links = approval === "always" ? [accepted] : [link, accepted];
  if (environment === "standalone") return links;
  return [
    ...links,
    { value: "user", label: t("A user of the hub…"), icon: "person" },
    { value: "group", label: t("A group of the hub…"), icon: "organization" },
  ];
}

const lives = [3_600, 4 * 3_600, 24 * 3_600, 7 * 24 * 3_600, null] as const;

/** @returns seconds from now; null: never */
export function lifeChoices({ levels }: ShareInfo, level: Level): Choice<number | null>[] {
  const longest = levels.find((one) => one.level === level)?.longest_life ?? null;
  return lives.map((life) => ({
    value: life,
    label: lifeInWords(life),
    icon: life === null ? "infinity" : "clock",
    ...(longest !== null && (life === null || life > longest)
      ? { refused: t("at most {0}", durationInWords(longest)) }
      : {}),
  }));
}

function lifeInWords(life: number | null): string {
  if (life === null) return t("Never");
  return durationInWords(life);
}
