import { type Static, Type } from "typebox";

/** The levels, lowest first. `computeAccess` alone decides what each permits. */
export const levels = ["view", "edit", "terminal"] as const;
export type Level = (typeof levels)[number];

export const LevelSchema = Type.Union([Type.Literal("view"), Type.Literal("edit"), Type.Literal("terminal")]);

interface LevelWords {
  readonly name: PermissionName;
  /** To the owner, after “Guests” or “People” (DESIGN §3.3). */
  readonly promise: string;
  /** To the guest, as a sentence. */
  readonly guestPromise: string;
}

/** The words for a level, wherever people choose or see one. */
export const levelWords: Readonly<Record<Level, LevelWords>> = {
  view: {
    name: "View Only",
    promise: "can view files, but not edit them",
    guestPromise: "You can view files, but not edit them.",
  },
  edit: {
    name: "Full Access",
    promise: "can edit files, and you may run what they edited",
    guestPromise: "You can edit files, and the owner may run what you edited.",
  },
  terminal: {
    name: "Terminal Access",
    promise:
      "can run commands as you and read everything that you can read; revoking the share cannot undo what they did",
    guestPromise: "You can run commands as the owner and read everything that the owner can read.",
  },
};

/** The names of the levels in the interface and the API. */
export const PermissionNameSchema = Type.Union([
  Type.Literal("View Only"),
  Type.Literal("Full Access"),
  Type.Literal("Terminal Access"),
]);
export type PermissionName = Static<typeof PermissionNameSchema>;

/** What the API accepts: the displayed name, or its short form. */
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
