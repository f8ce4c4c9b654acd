import { type Static, Type } from "typebox";
import { FollowedSchema, PlaceFields, ViewSchema } from "../share/following.ts";
import { WatchTerminalSchema } from "../share/terminal-watch.ts";

/**
 * Who is where, for windows of an IDE: the owner's, and those of Terminal Access guests. Paths are absolute, as the window names
 * its folders; guests' pages have `presence`, `people` and `invited` for the same.
 */

const strict = { additionalProperties: false } as const;
const Path = Type.Union([Type.String({ maxLength: 4096 }), Type.Null()]);
const Share = Type.String({ pattern: "^[\\w-]{1,128}$" });

export const WindowPresenceSchema = Type.Object(
  {
    type: Type.Literal("window-presence"),
    path: Path,
    view: Type.Optional(ViewSchema),
    follows: Type.Optional(FollowedSchema),
  },
  {
    ...strict,
    description:
      "The file in front of this person, null for none; what of it they see, while somebody follows them; and whom they follow.",
  },
);

export const WindowOpenSchema = Type.Object(
  { type: Type.Literal("window-open"), paths: Type.Array(Type.String({ maxLength: 4096 }), { maxItems: 1_000 }) },
  {
    ...strict,
    description:
      "The text files of which this window has a tab: all of them, after each change. A file that a Terminal Access guest and somebody else have open becomes live.",
  },
);

export const WindowInviteSchema = Type.Object(
  { type: Type.Literal("window-invite"), share: Share },
  { ...strict, description: "Asks everybody in the share to follow this person, at most every five seconds." },
);

export const WindowWatchSchema = Type.Object(
  { type: Type.Literal("window-watch"), ...WatchTerminalSchema.properties },
  {
    ...strict,
    description:
      "A Terminal Access guest's window begins or ends to watch a terminal that the owner shows, as pages do with `watch-terminal`.",
  },
);

/** Somebody in a share of this window. */
export const WindowPersonSchema = Type.Object({
  share: Type.String(),
  session: Type.String(),
  name: Type.String(),
  color: Type.String({ description: "CSS color, chosen by the gateway." }),
  path: Path,
  view: Type.Optional(ViewSchema),
  follows: Type.Optional(Type.String({ description: "The session that they follow; `owner`: the owner." })),
  ...PlaceFields,
});
export type WindowPerson = Static<typeof WindowPersonSchema>;

export const WindowPeopleMessages = [
  Type.Object(
    {
      type: Type.Literal("window-people"),
      you: Type.String({ description: "The person of this window; `owner`: the owner." }),
      people: Type.Array(WindowPersonSchema),
    },
    { description: "Who else is in the shares, after each change: all shares for the owner, their own for a guest." },
  ),
  Type.Object(
    {
      type: Type.Literal("window-invited"),
      share: Type.String(),
      session: Type.String(),
      name: Type.String(),
    },
    { description: "This person asks to be followed." },
  ),
] as const;

export const WindowTalkSchema = Type.Object(
  {
    type: Type.Literal("window-talk"),
    share: Share,
    you: Type.String({ description: "The session of this window's guest." }),
    root: Type.String({ description: "The folder, absolute, to which paths of comments are relative." }),
    on: Type.Boolean({ description: "Whether people in the share may write messages to each other." }),
  },
  {
    description:
      "The conversation of a Terminal Access guest's share. Its windows ask `talk`, `say`, `comments`, `comment`, `reply`, `resolve` and `delete-comment` as pages do.",
  },
);
