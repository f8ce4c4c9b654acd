import { type Static, Type } from "typebox";

/** The levels of access to files, lowest first. `computeAccess` alone decides what each permits. */
export const levels = ["view", "edit", "terminal"] as const;
export type FileLevel = (typeof levels)[number];

export const FileLevelSchema = Type.Union([Type.Literal("view"), Type.Literal("edit"), Type.Literal("terminal")]);

/** `app`: guests use a running app and see nothing else; neither lower nor higher than the others. */
export const LevelSchema = Type.Union([...FileLevelSchema.anyOf, Type.Literal("app")]);
export type Level = Static<typeof LevelSchema>;

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
  app: {
    name: "Use the App",
    promise: "can do whatever the app lets them do; the app runs as you",
    guestPromise: "You can use this app, which runs as its owner.",
  },
};

/** The names of the levels in the interface and the API. */
export const PermissionNameSchema = Type.Union([
  Type.Literal("View Only"),
  Type.Literal("Full Access"),
  Type.Literal("Terminal Access"),
  Type.Literal("Use the App"),
]);
export type PermissionName = Static<typeof PermissionNameSchema>;

/** What the API accepts: the displayed name, or its short form. */
export const PermissionSchema = Type.Union([...PermissionNameSchema.anyOf, ...LevelSchema.anyOf], {
  description: "“View Only”, “Full Access”, “Terminal Access” or “Use the App”; or view, edit, terminal, app.",
});
export type Permission = Static<typeof PermissionSchema>;

export function levelOf(permission: Permission): Level {
  const all = [...levels, "app"] as const;
  return all.find((level) => level === permission || levelWords[level].name === permission) ?? "view";
}

/** Whether `level` permits no more than `highest`. Using an app compares with nothing but itself. */
export function isWithin(level: Level, highest: Level): boolean {
  if (level === "app" || highest === "app") return level === highest;
  return levels.indexOf(level) <= levels.indexOf(highest);
}
