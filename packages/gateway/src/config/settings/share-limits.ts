import { WholeNumber } from "@waiide/protocol";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { limitDefaults } from "../limit-defaults.ts";

/** What guests may use of the machine (RULES R14). Sizes in bytes (1 MB is 1,000,000), times in seconds. */
export const ShareLimitsSchema = Type.Object(
  {
    file: WholeNumber({
      minimum: 1,
      default: limitDefaults.file,
      description: "Largest file that guests may read, download or write.",
    }),
    read: WholeNumber({
      minimum: 1,
      default: limitDefaults.read,
      description: "Largest file sent over a session's WebSocket.",
    }),
    free: WholeNumber({
      minimum: 0,
      default: limitDefaults.free,
      description: "Guests cannot write with less free space.",
    }),
    free_percent: Type.Number({
      minimum: 0,
      maximum: 100,
      default: limitDefaults.free_percent,
      description: "Guests cannot write with a smaller free part of the disk.",
    }),
    sessions: WholeNumber({ minimum: 1, default: 50, description: "Guests in one share at the same time." }),
    waiting: WholeNumber({
      minimum: 1,
      default: 20,
      description: "People who wait at once until the owner of a share accepts them.",
    }),
    waiting_time: Type.Number({
      exclusiveMinimum: 0,
      default: 900,
      description: "Time after which the request of such a person ends without an answer.",
    }),
    messages: WholeNumber({
      minimum: 1,
      default: 1000,
      description: "Messages that are kept in the conversation of a share; the oldest go first.",
    }),
    comments: WholeNumber({ minimum: 1, default: 1000, description: "Comments on lines of files in one share." }),
    requests: WholeNumber({ minimum: 1, default: 8, description: "Requests of one guest at once." }),
    watched_folders: WholeNumber({
      minimum: 1,
      default: limitDefaults.watched_folders,
      description: "Folders watched for all guests.",
    }),
    searches: WholeNumber({
      minimum: 1,
      default: limitDefaults.searches,
      description: "Searches at once in one share.",
    }),
    search_time: Type.Number({
      exclusiveMinimum: 0,
      default: limitDefaults.search_time,
      description: "Timeout of a search.",
    }),
    live_files: WholeNumber({
      minimum: 0,
      default: 200,
      description: "Files that people write in together at the same time; 0 turns live editing off.",
    }),
    live_participants: WholeNumber({
      minimum: 1,
      default: 200,
      description: "Pages and IDE windows in one live file.",
    }),
    live_changes: WholeNumber({
      minimum: 1,
      default: 100,
      description: "Changes of a live file that one page sends in a second.",
    }),
    live_change: WholeNumber({
      minimum: 1,
      default: 4_000_000,
      description: "Characters that one change of a live file inserts.",
    }),
    commit_files: WholeNumber({ minimum: 1, default: 50_000, description: "Files in a shared commit." }),
    commit_size: WholeNumber({
      minimum: 1,
      default: 500_000_000,
      description: "Size of all files of a shared commit together.",
    }),
    commit_file: WholeNumber({
      minimum: 1,
      default: 100_000_000,
      description: "Largest file in a shared commit.",
    }),
    copy_files: WholeNumber({ minimum: 1, default: 50_000, description: "Files in the copy of a share." }),
    copy_size: WholeNumber({
      minimum: 1,
      default: 2_000_000_000,
      description: "Size of all files of a copy together.",
    }),
    copy_archive: WholeNumber({
      minimum: 1,
      default: 500_000_000,
      description: "Largest archive of a copy, packed.",
    }),
    copy_downloads: WholeNumber({
      minimum: 1,
      default: 20,
      description: "Archives of one share that are fetched at once; others are told to try again.",
    }),
    commit_total: WholeNumber({
      minimum: 0,
      default: 2_000_000_000,
      description: "Size of what all shared commits take on the disk: no more are made once it is reached.",
    }),
    proposals: WholeNumber({
      minimum: 0,
      default: 20,
      description: "Proposals to one shared commit that wait for its owner; each person has one.",
    }),
    proposal_size: WholeNumber({
      minimum: 1,
      default: 20_000_000,
      description: "Largest push that proposes a change.",
    }),
    shown_terminals: WholeNumber({
      minimum: 1,
      default: 4,
      description: "Terminals that the owner shows at once in one share.",
    }),
    terminal_scrollback: WholeNumber({
      minimum: 1_000,
      maximum: 1_000_000,
      default: 100_000,
      description: "Characters of a shown terminal's output that a guest gets who comes later.",
    }),
    app_requests: WholeNumber({
      minimum: 1,
      default: 64,
      description: "Requests of one guest to a shared app at once.",
    }),
    app_sockets: WholeNumber({
      minimum: 1,
      default: 32,
      description: "WebSockets of one guest to a shared app at once.",
    }),
    app_upload: WholeNumber({
      minimum: 1,
      default: 100_000_000,
      description: "Largest request that a guest sends to a shared app.",
    }),
    idle: Type.Number({
      exclusiveMinimum: 0,
      default: 900,
      description: "Time after which a guest's page is paused that is hidden or gets no input.",
    }),
  },
  { additionalProperties: false },
);
export type ShareLimits = Static<typeof ShareLimitsSchema>;

/** Every limit at its default. */
export const defaultShareLimits: ShareLimits = Value.Create(ShareLimitsSchema);
