import type {
  AcceptedProposal,
  Audit,
  ChangeShare,
  CreatedShare,
  CreateShare,
  GuestChanges,
  GuestWrites,
  Level,
  MovedFiles,
  Original,
  OwnerSave,
  OwnerSaveAnswer,
  Proposal,
  ProposalDiff,
  Proposals,
  Revoked,
  Services,
  Share,
  ShareInfo,
  ShareList,
  StartThread,
  TalkMessage,
  TalkPage,
  Thread,
  Threads,
  WithoutGuests,
  WithoutGuestsQuestion,
} from "@waiide/protocol";
import type { Gateway } from "../gateway/gateway.ts";

/** The share API (DESIGN §3.3). Every method throws GatewayRefusal or GatewayUnreachable. */
export class ShareApi {
  readonly #gateway: Pick<Gateway, "ask">;

  constructor(gateway: Pick<Gateway, "ask">) {
    this.#gateway = gateway;
  }

  info(): Promise<ShareInfo> {
    return this.#gateway.ask("/api/share/info");
  }

  /** The IDE and the apps of the configuration. */
  services(): Promise<Services> {
    return this.#gateway.ask("/api/services");
  }

  async list(): Promise<readonly Share[]> {
    return (await this.#gateway.ask<ShareList>("/api/share/list")).shares;
  }

  create(body: CreateShare): Promise<CreatedShare> {
    return this.#gateway.ask("/api/share/create", { method: "POST", body });
  }

  change(id: string, body: ChangeShare): Promise<Share> {
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}`, { method: "PATCH", body });
  }

  newLink(id: string, endOld: boolean): Promise<CreatedShare> {
    const body = { end_old: endOld };
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/link`, { method: "POST", body });
  }

  /** @param level for the rest of the guest's visit */
  lowerGuest(id: string, session: string, level: Level): Promise<void> {
    const path = `/api/share/${encodeURIComponent(id)}/guests/${encodeURIComponent(session)}`;
    return this.#gateway.ask(path, { method: "PATCH", body: { permission: level } });
  }

  /** The newest messages of a share's conversation. @param before only older ones than this */
  talk(id: string, before?: number): Promise<TalkPage> {
    const query = before === undefined ? "" : `?before=${before}`;
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/talk${query}`);
  }

  say(id: string, text: string): Promise<TalkMessage> {
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/talk`, { method: "POST", body: { text } });
  }

  /** The comments on lines of a share's files. */
  comments(id: string): Promise<Threads> {
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/comments`);
  }

  comment(id: string, body: StartThread): Promise<Thread> {
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/comments`, { method: "POST", body });
  }

  reply(id: string, thread: number, text: string): Promise<Thread> {
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/comments/${thread}`, {
      method: "POST",
      body: { text },
    });
  }

  resolve(id: string, thread: number, resolved: boolean): Promise<Thread> {
    const path = `/api/share/${encodeURIComponent(id)}/comments/${thread}`;
    return this.#gateway.ask(path, { method: "PATCH", body: { resolved } });
  }

  deleteComment(id: string, thread: number, comment: number): Promise<void> {
    const path = `/api/share/${encodeURIComponent(id)}/comments/${thread}/${comment}`;
    return this.#gateway.ask(path, { method: "DELETE" });
  }

  /** Files that this IDE has renamed or deleted: comments go along. */
  moved(body: MovedFiles): Promise<void> {
    return this.#gateway.ask("/api/share/moved-files", { method: "POST", body });
  }

  /** Answers somebody who waits to be let in. */
  answer(request: string, what: "accept" | "decline"): Promise<void> {
    return this.#gateway.ask(`/api/share/requests/${encodeURIComponent(request)}/${what}`, { method: "POST" });
  }

  removeGuest(id: string, session: string): Promise<void> {
    const path = `/api/share/${encodeURIComponent(id)}/guests/${encodeURIComponent(session)}`;
    return this.#gateway.ask(path, { method: "DELETE" });
  }

  /** The program that listens now on a shared app's port is the one that is meant. */
  resume(id: string): Promise<Share> {
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/resume`, { method: "POST" });
  }

  /** What guests of a shared commit propose. */
  async proposals(id: string): Promise<readonly Proposal[]> {
    return (await this.#gateway.ask<Proposals>(`/api/share/${encodeURIComponent(id)}/proposals`)).proposals;
  }

  async patch(id: string, proposal: string): Promise<string> {
    return (await this.#gateway.ask<ProposalDiff>(proposalPath(id, proposal))).patch;
  }

  /** As a new branch of the repository. */
  acceptProposal(id: string, proposal: string, branch: string): Promise<AcceptedProposal> {
    return this.#gateway.ask(`${proposalPath(id, proposal)}/accept`, { method: "POST", body: { branch } });
  }

  declineProposal(id: string, proposal: string): Promise<void> {
    return this.#gateway.ask(`${proposalPath(id, proposal)}/decline`, { method: "POST" });
  }

  /** @param alsoMadeDuring also revokes shares that guests of this Terminal Access share may have made */
  revoke(id: string, alsoMadeDuring = false): Promise<Revoked> {
    const query = alsoMadeDuring ? "?also_made_during=true" : "";
    return this.#gateway.ask(`/api/share/revoke/${encodeURIComponent(id)}${query}`, { method: "DELETE" });
  }

  revokeAll(): Promise<Revoked> {
    return this.#gateway.ask("/api/share/revoke", { method: "DELETE" });
  }

  audit(before?: number): Promise<Audit> {
    return this.#gateway.ask(`/api/share/audit?limit=100${before === undefined ? "" : `&before=${before}`}`);
  }

  changes(id: string, offset = 0): Promise<GuestChanges> {
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/changes?offset=${offset}`);
  }

  /** @param path absolute. @param timeout milliseconds */
  async isWrittenByGuests(path: string, timeout: number): Promise<boolean> {
    const query = new URLSearchParams({ path });
    return (await this.#gateway.ask<GuestWrites>(`/api/share/guest-writes?${query}`, { timeout })).written;
  }

  /** Merges the text about to be saved with guests' changes. @param timeout milliseconds */
  ownerSave(body: OwnerSave, timeout: number): Promise<OwnerSaveAnswer> {
    return this.#gateway.ask("/api/share/owner-save", { method: "POST", body, timeout });
  }

  /** The content of a file before guests changed it, or the version that the route describes. */
  original(id: string, path: string, version?: string): Promise<Original> {
    const query = new URLSearchParams({ path, ...(version !== undefined && { version }) });
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/original?${query}`);
  }

  /** What a file would hold if guests had changed nothing. */
  withoutGuests(id: string, body: WithoutGuestsQuestion): Promise<WithoutGuests> {
    return this.#gateway.ask(`/api/share/${encodeURIComponent(id)}/without-guests`, { method: "POST", body });
  }
}

function proposalPath(id: string, proposal: string): string {
  return `/api/share/${encodeURIComponent(id)}/proposals/${encodeURIComponent(proposal)}`;
}

/** The content as bytes. */
export function contentOf({ text, base64 }: Original): Uint8Array {
  return base64 === undefined ? Buffer.from(text ?? "", "utf8") : Buffer.from(base64, "base64");
}
