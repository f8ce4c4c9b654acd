import { type Static, Type } from "typebox";

/** The levels from the least to the most; what each permits is decided by `computeAccess` alone. */
export const levels = ["view", "edit", "terminal"] as const;
export type Level = (typeof levels)[number];

export const LevelSchema = Type.Union([Type.Literal("view"), Type.Literal("edit"), Type.Literal("terminal")]);

interface LevelWords {
  readonly name: PermissionName;
  /** To the owner: what whoever comes in … (DESIGN §3.3). */
  readonly promise: string;
  /** To the guest: what you … */
  readonly guestPromise: string;
}

/** What people read wherever a level is offered or shown. */
export const levelWords: Readonly<Record<Level, LevelWords>> = {
  view: { name: "View Only", promise: "can look, not change", guestPromise: "You can look, not change." },
  edit: {
    name: "Full Access",
    promise: "can change files; you may run what they changed",
    guestPromise: "You can change files; the owner may run what you changed.",
  },
  terminal: {
    name: "Terminal Access",
    promise: "can run anything as you; can read what you can read; ending it cannot undo what they did",
    guestPromise: "You can run anything as the owner, and read what the owner can read.",
  },
};

/** The names of the levels in the interface and the API. */
export const PermissionNameSchema = Type.Union([
  Type.Literal("View Only"),
  Type.Literal("Full Access"),
  Type.Literal("Terminal Access"),
]);
export type PermissionName = Static<typeof PermissionNameSchema>;

/** What the API takes: a name as people see it, or its short form. */
export const PermissionSchema = Type.Union([...PermissionNameSchema.anyOf, ...LevelSchema.anyOf], {
  description: "“View Only”, “Full Access” or “Terminal Access”; or view, edit, terminal.",
});
export type Permission = Static<typeof PermissionSchema>;

export function levelOf(permission: Permission): Level {
  return levels.find((level) => level === permission || levelWords[level].name === permission) ?? "view";
}

/** Whether `level` permits no more than `highest`. */
export function isWithin(level: Level, highest: Level): boolean {
  return levels.indexOf(level) <= levels.indexOf(highest);
}
