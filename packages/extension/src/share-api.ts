import type {
  Audit,
  ChangeShare,
  CreatedShare,
  CreateShare,
  Revoked,
  Share,
  ShareInfo,
  ShareList,
} from "@waiide/protocol";
import type { Gateway } from "./gateway.ts";

/** Something that guests changed, as the gateway tells it. Paths are relative to the share's root. */
export interface GuestChange {
  readonly path: string;
  readonly kind: "created" | "changed" | "deleted" | "renamed";
  /** Where it was before it was renamed. */
  readonly from?: string;
  readonly at: string;
  readonly who: string;
  /** Whether the gateway has the text as it was before the first guest's change. */
  readonly before: boolean;
}

/** The share API (DESIGN §3.3). Every method throws GatewayRefusal or GatewayUnreachable. */
export class ShareApi {
  readonly #gateway: Pick<Gateway, "ask" | "askText">;

  constructor(gateway: Pick<Gateway, "ask" | "askText">) {
    this.#gateway = gateway;
  }

  info(): Promise<ShareInfo> {
    return this.#gateway.ask("/api/share/info");
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

  removeGuest(id: string, session: string): Promise<void> {
    const path = `/api/share/${encodeURIComponent(id)}/guests/${encodeURIComponent(session)}`;
    return this.#gateway.ask(path, { method: "DELETE" });
  }

  revoke(id: string): Promise<Revoked> {
    return this.#gateway.ask(`/api/share/revoke/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  revokeAll(): Promise<Revoked> {
    return this.#gateway.ask("/api/share/revoke", { method: "DELETE" });
  }

  audit(before?: number): Promise<Audit> {
    return this.#gateway.ask(`/api/share/audit?limit=100${before === undefined ? "" : `&before=${before}`}`);
  }

  async changes(id: string): Promise<readonly GuestChange[]> {
    const path = `/api/share/${encodeURIComponent(id)}/changes`;
    return (await this.#gateway.ask<{ changes: readonly GuestChange[] }>(path)).changes;
  }

  /** The text of a file before the first guest's change. */
  before(id: string, path: string): Promise<string> {
    const query = new URLSearchParams({ path });
    return this.#gateway.askText(`/api/share/${encodeURIComponent(id)}/changes/before?${query}`);
  }
}
