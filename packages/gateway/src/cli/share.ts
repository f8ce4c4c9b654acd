import type { Command } from "commander";
import type { AnswerFlags, AuditFlags, CreateFlags, ListFlags, RevokeFlags } from "./share-commands.ts";
import { withShareFields } from "./share-flags.ts";
import { withCommitFlags } from "./share-targets/commit-flags.ts";
import { withCopyFlags } from "./share-targets/copy-flags.ts";
import type { ProposalFlags } from "./share-targets/proposals.ts";

/** Adds “waiide share”, whose code is loaded when it runs. */
export function registerShareCommand(program: Command): void {
  const share = program
    .command("share")
    .description("share the workspace, a file, some lines or a running app with others");
  const create = share
    .command("create")
    .description("create a share and print its link")
    .argument(
      "[file]",
      "a file or folder below the root, also file:line or file:first-last (default: the whole folder)",
    )
    .option(
      "--permission <level>",
      "“View Only”, “Full Access” or “Terminal Access”; or view, edit, terminal (default: view)",
    )
    .option("--port <number>", "share the running app on this port, and no files (“Use the App”)")
    .option("--app <name>", "share this app of the configuration, and no files (“Use the App”)")
    .option("--path <path>", "where guests begin in the app (default: /)")
    .option("--expires <time>", "30m, 4h, 7d, a number of seconds, or never (default: 24h)")
    .option("--root <folder>", "the folder that is shared (default: the workspace)")
    .option("--opens <file>", "the file below the root that guests see first (default: the README)")
    .option(
      "--show <names>",
      "names with a dot at the top of a home folder that guests may see, such as .bashrc,.profile",
    );
  withCommitFlags(create);
  withCopyFlags(create);
  withShareFields(create)
    .option("--with <user>", "only for this user of JupyterHub, who logs in there instead of using a secret link")
    .option("--with-group <group>", "only for members of this group of JupyterHub")
    .option("--yes", "confirm without asking")
    .option("--json", "as one JSON object")
    .action(async (file: string | undefined, flags: CreateFlags) => (await commands()).create(file, flags));
  share
    .command("list")
    .description("list active shares and who is online")
    .option("--json", "as one JSON object")
    .action(async (flags: ListFlags) => (await commands()).list(flags));
  share
    .command("requests")
    .description("list who waits until you accept them")
    .option("--json", "as one JSON object")
    .action(async (flags: ListFlags) => (await commands()).requests(flags));
  for (const [what, description] of [
    ["accept", "let somebody in who waits"],
    ["decline", "decline the request of somebody who waits"],
  ] as const) {
    share
      .command(what)
      .description(description)
      .argument("[request]", "the request (see “waiide share requests”)")
      .option("--all", "everybody who waits")
      .action(async (request: string | undefined, flags: AnswerFlags) =>
        (await commands()).answer(what, request, flags),
      );
  }
  share
    .command("proposals")
    .description("list the changes that guests of shared commits pushed, show one, accept or decline it")
    .argument("[proposal]", "show what this one changes")
    .option("--accept", "make it a new branch of your repository")
    .option("--branch <name>", "the name of that branch (default: from/<user>)")
    .option("--decline", "remove it")
    .option("--json", "as one JSON object")
    .action(async (proposal: string | undefined, flags: ProposalFlags) =>
      (await import("./share-targets/proposals.ts")).proposals(proposal, flags),
    );
  share
    .command("revoke")
    .description("revoke a share, or all of them, at once")
    .argument("[id]", "the share (see “waiide share list”)")
    .option("--all", "revoke all of them")
    .option("--also-made-during", "also revoke shares that guests of this Terminal Access share may have made")
    .option("--json", "as one JSON object")
    .action(async (id: string | undefined, flags: RevokeFlags) => (await commands()).revoke(id, flags));
  share
    .command("audit")
    .description("show what happened, newest first")
    .option("--share <id>", "only of this share")
    .option("--limit <number>", "number of entries", "100")
    .option("--json", "one JSON object per line")
    .action(async (flags: AuditFlags) => (await commands()).audit(flags));
}

function commands() {
  return import("./share-commands.ts");
}
