import { type Static, Type } from "typebox";
import { Nullable } from "../schema/record-fields.ts";
import { WholeNumber } from "../schema/whole-number.ts";

/** Shares that others may copy: what a copy consists of, and the ticket with which another server fetches it. */

/** The file at the top of every archive that says what it is; the same as `copy.json`. */
export const copyFile = "waiide-copy.json";
/** What programs that look for leaked secrets know a ticket by. */
export const copyTicketPrefix = "wct_";
/** The header in which the redeeming server repeats the `to` for which the ticket was made. */
export const copyTargetHeader = "waiide-copy-target";

/** Dotted, as in settings.json. */
const SettingKey = Type.String({ minLength: 1, maxLength: 200, pattern: "^[^\\u0000-\\u001f\\u007f]+$" });

/** In the record of a share, and in requests: what others may copy of it. */
export const CopyChoiceSchema = Type.Object(
  {
    files: Type.Boolean({
      description: "The files that guests see; without them, only what describes the environment.",
    }),
    settings: Type.Array(SettingKey, {
      maxItems: 200,
      uniqueItems: true,
      description:
        "Keys of settings, in the folder's `.vscode/settings.json` or else in the owner's own; no others are copied.",
    }),
    extensions: Type.Boolean({ description: "The names of the installed extensions that a gallery has." }),
  },
  { additionalProperties: false, description: "What others may copy into a server or a computer of their own." },
);
export type CopyChoice = Static<typeof CopyChoiceSchema>;

/** What names it: a command or another part of a devcontainer.json, a task, a terminal's settings, another setting, the file. */
export const copyRunKinds = ["lifecycle", "task", "terminal", "setting", "file"] as const;
export type CopyRunKind = (typeof copyRunKinds)[number];

const Path = Type.String({ maxLength: 4096, description: "Relative to the folder." });

/** Something that programs start by themselves. Strangers' text: show it as text. */
export const CopyRunSchema = Type.Object({
  kind: Type.Enum(copyRunKinds),
  path: Path,
  name: Type.String({ maxLength: 200, description: "The command's, task's or setting's; empty: the whole file." }),
  when: Type.String({ maxLength: 200, description: "In words: what starts it." }),
  command: Type.String({ maxLength: 20_000, description: "As it is written; empty: see the file." }),
  offered: Type.Boolean({
    description: "Whether “Set up” may run it after it was shown: commands that prepare the folder once.",
  }),
});
export type CopyRun = Static<typeof CopyRunSchema>;

const ExtensionId = Type.String({ maxLength: 200, pattern: "^[A-Za-z0-9][A-Za-z0-9-]*\\.[A-Za-z0-9][A-Za-z0-9-]*$" });

/** `GET /share/<id>/copy.json`, and `waiide-copy.json` at the top of an archive: what a copy consists of. */
export const CopySchema = Type.Object({
  format: Type.Literal(1),
  name: Type.String({
    maxLength: 100,
    pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
    description: "Of the folder; all paths in an archive begin with it.",
  }),
  owner: Type.String({ maxLength: 255 }),
  commit: Nullable(Type.Object({ id: Type.String({ maxLength: 64 }), name: Type.String({ maxLength: 1_000 }) }), {
    description: "null: the files as they are.",
  }),
  has_files: Type.Boolean({ description: "false: only what describes the environment." }),
  files: WholeNumber({ description: "How many the archive holds, without this description." }),
  size: WholeNumber({ description: "Of all files together, unpacked. Bytes." }),
  left_out: Type.Array(Path, {
    maxItems: 100,
    description: "Folders that can be made again, such as `node_modules`, and files that are too large.",
  }),
  devcontainer: Nullable(
    Type.Object({
      path: Path,
      generated: Type.Boolean({ description: "Whether WAIIDE wrote it; false: it is the owner's, unchanged." }),
    }),
    { description: "null: the owner's file could not be read." },
  ),
  locks: Type.Array(
    Type.Object({
      path: Path,
      tool: Type.String({ maxLength: 40, description: "That reads it: pip, uv, conda, npm …" }),
      frozen: Type.Boolean({ description: "Whether WAIIDE wrote it from what is installed." }),
    }),
    { maxItems: 100, description: "Files that name the packages." },
  ),
  kernels: Type.Array(
    Type.Object({ name: Type.String({ maxLength: 200 }), language: Type.String({ maxLength: 100 }) }),
    {
      maxItems: 100,
      description: "That notebooks name.",
    },
  ),
  python: Nullable(Type.String({ maxLength: 40 }), { description: "Version of the interpreter; null: unknown." }),
  image: Nullable(Type.String({ maxLength: 500 }), { description: "Name of the server's image; null: unknown." }),
  profile: Nullable(Type.String({ maxLength: 200 }), {
    description: "Of the hub's spawn page, where its administrator names it; null: unknown.",
  }),
  extensions: Type.Array(Type.Object({ id: ExtensionId, version: Type.String({ maxLength: 100 }) }), { maxItems: 500 }),
  extensions_left_out: Type.Array(ExtensionId, {
    maxItems: 500,
    description: "Extensions that no gallery has, installed from files.",
  }),
  settings: Type.Record(Type.String({ maxLength: 200 }), Type.Unknown(), {
    description: "Those that the owner chose by key.",
  }),
  runs: Type.Array(CopyRunSchema, {
    maxItems: 1_000,
    description:
      "What programs would start by themselves. The owner's server says so; a recipient looks into the files again.",
  }),
});
export type Copy = Static<typeof CopySchema>;

/** `POST /share/<id>/copy-ticket`, by a guest's page. */
export const CopyTicketRequestSchema = Type.Object(
  {
    to: Type.String({
      minLength: 1,
      maxLength: 2_000,
      description:
        "Address of the recipient's server that gets the ticket: `…/user/<name>/…copy/return`, with a query.",
    }),
  },
  { additionalProperties: false },
);
export type CopyTicketRequest = Static<typeof CopyTicketRequestSchema>;

/**
 * The browser takes it to `to#<ticket>`. With it in `Authorization: Bearer` and `to` in `waiide-copy-target`, that server reads
 * `copy.json` and then, once, `archive.tar.gz` or `archive.zip`.
 */
export const CopyTicketSchema = Type.Object({
  ticket: Type.String({ maxLength: 200, description: "Works for one archive, for ten minutes; shown once." }),
  to: Type.String({ maxLength: 2_000, description: "Where the browser takes it, in the fragment." }),
  expires_at: Type.String({ format: "date-time" }),
});
export type CopyTicket = Static<typeof CopyTicketSchema>;

/** `POST /api/share/environment`: what would describe the environment of a folder in a copy. Nothing is shared or written. */
export const EnvironmentRequestSchema = Type.Object(
  {
    root: Type.Optional(Type.String({ minLength: 1, description: "Folder; default: the workspace." })),
    settings: Type.Optional(Type.Array(SettingKey, { maxItems: 200, description: "Keys, as in a copy." })),
  },
  { additionalProperties: false, examples: [{ settings: ["editor.rulers"] }] },
);
export type EnvironmentRequest = Static<typeof EnvironmentRequestSchema>;

export const EnvironmentSchema = Type.Object({
  root: Type.String({ description: "Absolute path of the folder." }),
  ...Type.Pick(CopySchema, [
    "devcontainer",
    "locks",
    "kernels",
    "python",
    "image",
    "profile",
    "extensions",
    "extensions_left_out",
    "settings",
    "runs",
  ]).properties,
  settings_left_out: Type.Array(Type.Object({ key: Type.String(), why: Type.String() })),
  packages_left_out: Type.Array(Type.String(), { description: "Packages that were installed from elsewhere." }),
  problem: Nullable(Type.String(), { description: "Why the folder's devcontainer.json cannot be used; null: it can." }),
  written: Type.Record(Type.String(), Type.String(), {
    description: "Files that a copy gets besides the folder's own: their text, by path.",
  }),
});
export type EnvironmentFacts = Static<typeof EnvironmentSchema>;
