import type { Params, Placement, Result } from "@waiide/protocol";
import { SessionError } from "../session/session-error.ts";
import { type Base, type Bases, noVersion } from "./bases.ts";
import { textOfBytes } from "./contents.ts";

/** What saving needs from the session. */
export interface SavingSession {
  request<M extends "write" | "read" | "stat">(method: M, params: Params<M>): Promise<Result<M>>;
}

export interface SaveOptions {
  /** The person has seen both texts and chose this one. */
  readonly overwrite: boolean;
}

export interface Saved {
  /** The file now has another text than the given one. */
  readonly isMerged: boolean;
  /** Where the text of a selection share is now. */
  readonly selection: Placement | undefined;
}

/**
 * A save names the version that its text is based on (RULES R13). If the file has changed, the gateway merges; an overlap is
 * a CONFLICT, which the person resolves.
 */
export class Saves {
  readonly #session: SavingSession;
  readonly #bases: Bases;
  /** The file's version at the conflict, which the person compared with. */
  readonly #conflicts = new Map<string, string | undefined>();

  constructor(session: SavingSession, bases: Bases) {
    this.#session = session;
    this.#bases = bases;
  }

  /** @throws SessionError */
  async save(path: string, bytes: Uint8Array, options: SaveOptions): Promise<Saved> {
    const base = await this.#baseOf(path, options);
    try {
      return await this.#write(path, bytes, base);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (error.code === "CONFLICT") this.#conflicts.set(path, error.version);
      // Deleted meanwhile: saving creates the file again, as everywhere in the workbench.
      if (error.code !== "NOT_FOUND" || base.version === null) throw error;
      return this.#write(path, bytes, { version: null, text: undefined });
    }
  }

  async #write(path: string, bytes: Uint8Array, base: Base): Promise<Saved> {
    const text = textOfBytes(bytes);
    const { version, merged, selection } = await this.#session.request("write", {
      path,
      base: base.version,
      content: text ?? base64Of(bytes),
      encoding: text === undefined ? "base64" : "utf8",
      ...(text !== undefined && base.text !== undefined && { base_content: base.text }),
    });
    this.#conflicts.delete(path);
    const isMerged = merged !== undefined && merged !== text;
    // The editor still shows what it sent: until it reads the merged text, its changes are based on that.
    this.#bases.set(path, { version: isMerged ? noVersion : version, text });
    return { isMerged, selection };
  }

  async #baseOf(path: string, { overwrite }: SaveOptions): Promise<Base> {
    if (overwrite) {
      const seen = this.#conflicts.get(path) ?? (await this.#versionNow(path));
      return { version: seen, text: undefined };
    }
    return this.#bases.get(path) ?? { version: await this.#versionNow(path), text: undefined };
  }

  /** null: there is no such file. */
  async #versionNow(path: string): Promise<string | null> {
    try {
      return (await this.#session.request("read", { path })).version;
    } catch (error) {
      if (error instanceof SessionError && error.code === "NOT_FOUND") return null;
      throw error;
    }
  }
}

/** Bytes for one call of `fromCharCode`; divisible by three, so that no padding occurs in between. */
const chunk = 0x6000;

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunk) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + chunk)));
  }
  return text;
}
