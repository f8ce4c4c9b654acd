import { type Static, Type } from "typebox";
import { Nullable } from "../schema/record-fields.ts";
import { WholeNumber } from "../schema/whole-number.ts";

/** Shares of a commit or a branch: guests see the files of that commit, and what it changed. */

/** A commit as people name it to git. */
const Ref = Type.String({
  minLength: 1,
  maxLength: 1_000,
  pattern: "^[^\\u0000-\\u001f\\u007f]+$",
});
const Name = Type.String({ description: "Of the branch or tag, else the beginning of the commit's id." });
const Id = Type.String({ description: "Of a commit in the owner's repository." });

/** What guests may take with them. */
export const getKinds = ["none", "snapshot", "history"] as const;
export type GetKind = (typeof getKinds)[number];
const Get = Type.Enum(getKinds, {
  description:
    "What guests may take with them: nothing, the files of the commit without its history, or everything that came before it as well. A history needs the confirmation of what `/api/share/survey` finds in it.",
});

/** In a request that makes a share. */
export const CommitRequestSchema = Type.Object(
  {
    ref: Type.String({ ...Ref, description: "The commit: a branch, a tag, an id, or what else git takes for one." }),
    base: Type.Optional(
      Type.String({
        ...Ref,
        description:
          "What its changes are shown against. Default: where it left the main branch, else the commit before it.",
      }),
    ),
    follow: Type.Optional(
      Type.Boolean({ description: "Whether guests see new commits of the branch as they come. Default false." }),
    ),
    get: Type.Optional(Get),
    propose: Type.Optional(
      Type.Boolean({
        description:
          "Whether guests who are logged in at the hub may push changes with git, which you accept as a branch or decline. Default false.",
      }),
    ),
  },
  { additionalProperties: false, description: "Shares a commit of the repository that the root lies in." },
);
export type CommitRequest = Static<typeof CommitRequestSchema>;

/** `POST /api/share/survey`. */
export const SurveyRequestSchema = Type.Object(
  {
    root: Type.Optional(
      Type.String({ minLength: 1, description: "Folder in the repository; default: the workspace." }),
    ),
    commit: CommitRequestSchema,
  },
  { additionalProperties: false, examples: [{ commit: { ref: "main", get: "history" } }] },
);
export type SurveyRequest = Static<typeof SurveyRequestSchema>;

export const HistorySurveySchema = Type.Object({
  commit: Id,
  commits: WholeNumber({ description: "How many there are, with this one." }),
  findings: Type.Array(
    Type.Object({
      rule: Type.String({ description: "“hidden name”, or what the secret looks like." }),
      path: Type.String(),
      commit: Type.String({ description: "One of those that hold it." }),
    }),
    { description: "What guests would get. Never the secrets themselves; change each secret where it is used." },
  ),
  incomplete: Type.Boolean({ description: "Not everything could be searched in time." }),
  hash: Type.String({ description: "For `confirm_survey`." }),
});
export type HistorySurvey = Static<typeof HistorySurveySchema>;

/** What a record keeps, and owner and guests are shown, of the commit. */
export const SharedCommitSchema = Type.Object({
  name: Name,
  branch: Nullable(Type.String({ description: "Its full name in the repository." }), {
    description: "null: the share is of this one commit, not of a branch.",
  }),
  follow: Type.Boolean({ description: "Whether guests see new commits of the branch as they come." }),
  get: Get,
  propose: Type.Optional(
    Type.Boolean({ description: "Whether guests who are logged in at the hub may propose changes; default: no." }),
  ),
  id: Id,
  base: Nullable(Id, { description: "What the changes are shown against; null: nothing came before." }),
  state: Type.Enum(["current", "rewritten", "gone", "held"], {
    description:
      "Of a followed branch. `rewritten`: its history was changed since guests saw it; `gone`: it was deleted, and guests see its last commit; `held`: its newest commit cannot be shown, and guests see the one before.",
  }),
  reason: Type.Optional(Type.String({ description: "For the owner: why the branch's newest commit cannot be shown." })),
});
export type SharedCommit = Static<typeof SharedCommitSchema>;

/** What guests see of the author of a commit; a claim of theirs, as everything in it. */
export const CommitInfoSchema = Type.Object({
  id: Id,
  name: Name,
  message: Type.String(),
  author: Type.String({ description: "A name; who made the commit could write any." }),
  email: Type.String(),
  date: Type.String({ format: "date-time" }),
  base: Nullable(Id),
  changes: WholeNumber({ description: "How many files were changed." }),
  left_out: WholeNumber({ description: "How many files of the commit guests do not see." }),
});
export type CommitInfo = Static<typeof CommitInfoSchema>;

/** The answer to `POST /share/<id>/clone-token`: with these, git fetches what is shared. */
export const CloneTokenSchema = Type.Object({
  username: Type.String({
    description: "Belongs into the address, so that git offers the password to no other server.",
  }),
  password: Type.String({ description: "For git, until the guest's session ends; shown once." }),
  path: Type.String({ description: "Of the repository, on this server." }),
  expires_at: Type.String({ format: "date-time" }),
  propose: Nullable(Type.String(), {
    description: "The branch that this guest may push to, to propose a change; null: they may not.",
  }),
});
export type CloneToken = Static<typeof CloneTokenSchema>;

export const changeKinds = ["added", "changed", "deleted", "renamed"] as const;

export const CommitChangeSchema = Type.Object({
  path: Type.String({ description: "Relative to the share's root; of a deleted file, where it was." }),
  what: Type.Enum(changeKinds),
  from: Type.Optional(Type.String({ description: "Where a renamed file was." })),
});
export type CommitChange = Static<typeof CommitChangeSchema>;

export const CommitChangesSchema = Type.Object({
  changes: Type.Array(CommitChangeSchema),
  next: Nullable(WholeNumber(), { description: "`from` for the next page; null: no more." }),
});
export type CommitChanges = Static<typeof CommitChangesSchema>;

const strict = { additionalProperties: false } as const;

const LoggedCommitSchema = Type.Object(
  { id: Id, date: Type.String(), author: Type.String(), subject: Type.String() },
  { description: "As the commit claims." },
);

export const CommitLogSchema = Type.Object({
  commits: Type.Array(LoggedCommitSchema),
  next: Nullable(WholeNumber(), { description: "`from` for the next page; null: no more." }),
});
export type CommitLog = Static<typeof CommitLogSchema>;

export const CommitBlameSchema = Type.Object({
  lines: Type.Array(Type.String(), { description: "The id of the commit that each line is from." }),
  commits: Type.Array(LoggedCommitSchema),
});
export type CommitBlame = Static<typeof CommitBlameSchema>;

/** Requests of a session about the commit that is shared. */
export const commitMethods = {
  "commit-info": {
    params: Type.Object({}, { ...strict, description: "Of the share of a commit: who made it, when and why." }),
    result: CommitInfoSchema,
  },
  "commit-changes": {
    params: Type.Object(
      { from: Type.Optional(WholeNumber({ description: "How many to leave out: the last answer's `next`." })) },
      { ...strict, description: "The files that the commit changed, by path, a page at a time." },
    ),
    result: CommitChangesSchema,
  },
  "commit-log": {
    params: Type.Object(
      {
        path: Type.Optional(Type.String({ maxLength: 4096, description: "Only commits that changed this file." })),
        from: Type.Optional(
          WholeNumber({
            minimum: 0,
            maximum: 1_000_000,
            description: "How many to leave out: the last answer's `next`.",
          }),
        ),
      },
      { ...strict, description: "The commits before, where the share offers its history; the newest first." },
    ),
    result: CommitLogSchema,
  },
  "commit-blame": {
    params: Type.Object(
      { path: Type.String({ maxLength: 4096 }) },
      { ...strict, description: "Who wrote each line of a file, where the share offers its history." },
    ),
    result: CommitBlameSchema,
  },
  "commit-base": {
    params: Type.Object(
      { path: Type.String({ maxLength: 4096 }) },
      { ...strict, description: "What a file held before; `path` is its place then. Up to `limits.read` bytes." },
    ),
    result: Type.Object({
      encoding: Type.Union([Type.Literal("utf8"), Type.Literal("base64")]),
      content: Type.String(),
    }),
  },
} as const;

/** Changes that guests of a shared commit push, for its owner to accept as a branch or to decline. */
export const ProposalSchema = Type.Object({
  id: Type.String(),
  user: Type.String({ description: "The hub's user who pushed it." }),
  at: Type.String({ format: "date-time" }),
  message: Type.String({
    description: "Of its newest commit, as everything that follows; who made it could write any.",
  }),
  author: Type.String(),
  email: Type.String(),
  commits: WholeNumber({ description: "How many there are." }),
  changes: Type.Array(CommitChangeSchema),
  branch: Type.String({ description: "What it is called in your repository, unless you choose another name." }),
});
export type Proposal = Static<typeof ProposalSchema>;

export const ProposalsSchema = Type.Object({
  proposals: Type.Array(ProposalSchema, { description: "The oldest first; one for each person." }),
});
export type Proposals = Static<typeof ProposalsSchema>;

export const ProposalDiffSchema = Type.Object({
  patch: Type.String({ description: "Against the commit that it was made for." }),
});
export type ProposalDiff = Static<typeof ProposalDiffSchema>;

export const AcceptProposalSchema = Type.Object(
  {
    branch: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: "A new branch of your repository; default: the proposal’s `branch`.",
      }),
    ),
  },
  { additionalProperties: false, examples: [{ branch: "from/bob" }] },
);
export type AcceptProposal = Static<typeof AcceptProposalSchema>;

export const AcceptedProposalSchema = Type.Object({
  branch: Type.String(),
  commit: Type.String({ description: "What the new branch is at." }),
});
export type AcceptedProposal = Static<typeof AcceptedProposalSchema>;

/** The owner's event `proposed`. */
export interface ProposedEvent {
  readonly share: string;
  readonly user: string;
}

/** Where a person of the hub pushes to: `from/bob`. Whatever their name holds, git permits it, and no two people share one. */
export function proposalBranch(user: string): string {
  const escaped = encodeURIComponent(user).replace(
    /[!'()*~]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  // Dots where git permits none.
  return `from/${escaped.replace(/^\.|\.(?=\.|$|lock$)/g, "%2E")}`;
}
