import type { AcceptedProposal, Proposal, ProposalDiff, Proposals, ShareList } from "@waiide/protocol";
import { GatewayError } from "../../base/errors.ts";
import { formatTable } from "../table.ts";
import { ask } from "./asking.ts";

export interface ProposalFlags {
  readonly accept?: true;
  readonly decline?: true;
  readonly branch?: string;
  readonly json?: true;
}

/** Lists what guests propose; of one proposal, shows what it changes, accepts or declines it. */
export async function proposals(id: string | undefined, flags: ProposalFlags): Promise<void> {
  if (flags.accept && flags.decline) throw usage("Add --accept or --decline, not both.");
  if (flags.branch !== undefined && !flags.accept) throw usage("--branch needs --accept.");
  if (id === undefined && (flags.accept || flags.decline)) throw usage("Name one proposal.");
  const open = await openProposals();
  if (id === undefined) return list(open, flags);
  const found = open.find(({ proposal }) => proposal.id === id);
  if (found === undefined) throw new GatewayError("PROPOSAL_UNKNOWN");
  const path = `/api/share/${encodeURIComponent(found.share)}/proposals/${encodeURIComponent(id)}`;
  if (flags.accept) return accept(path, flags.branch);
  if (flags.decline) {
    await ask(`${path}/decline`, { method: "POST" });
    return print("Declined.");
  }
  const { patch } = (await ask(path)) as ProposalDiff;
  print(flags.json ? JSON.stringify({ ...found.proposal, patch }, undefined, 2) : printableText(patch));
}

interface Open {
  readonly share: string;
  readonly proposal: Proposal;
}

async function openProposals(): Promise<Open[]> {
  const { shares } = (await ask("/api/share/list")) as ShareList;
  const asked = shares.filter(({ commit }) => commit?.propose === true);
  const answers = await Promise.all(
    asked.map(async ({ id }) => {
      const found = (await ask(`/api/share/${encodeURIComponent(id)}/proposals`)) as Proposals;
      return found.proposals.map((proposal) => ({ share: id, proposal }));
    }),
  );
  return answers.flat();
}

function list(open: readonly Open[], { json }: ProposalFlags): void {
  if (json) print(JSON.stringify({ proposals: open.map(({ proposal }) => proposal) }, undefined, 2));
  else print(open.length === 0 ? "Nobody proposes a change." : tableOf(open));
}

function tableOf(open: readonly Open[]): string {
  const rows = open.map(({ share, proposal: { id, user, commits, changes, message } }) => [
    id,
    share,
    user,
    String(commits),
    String(changes.length),
    printableText(message.split("\n")[0] ?? ""),
  ]);
  return formatTable(["proposal", "share", "user", "commits", "files", "message"], rows);
}

async function accept(path: string, branch: string | undefined): Promise<void> {
  const body = branch === undefined ? {} : { branch };
  const made = (await ask(`${path}/accept`, { method: "POST", body })) as AcceptedProposal;
  print(`Your repository has the new branch ${made.branch}. Look at it: git log -p ${made.branch}`);
}

/** What others wrote may hold anything; the terminal gets no control characters but line breaks and tabs. */
function printableText(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Cf}/gu, "�");
}

function usage(reason: string): GatewayError {
  return new GatewayError("USAGE", { reason });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
