import { join } from "node:path";
import type { Actor, Person, ServerMessage } from "@waiide/protocol";
import { isBelow } from "@waiide/protocol";
import type { Companion, Companionship, WindowPlace } from "../../live/windows/company.ts";
import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";
import { type Member, type SharePresence, seenIn } from "../guests/presence.ts";
import { invitationInterval, without } from "../guests/session-messages.ts";
import { WatchedTerminals } from "../guests/watched-terminals.ts";
import type { SharedTerminals } from "../shown-terminals/shared-terminals.ts";

export interface GuestCompanionParts {
  readonly share: string;
  /** Of the share, after links. */
  readonly root: string;
  /** The same as its IDE names it. */
  readonly shownRoot: string;
  readonly mayTalk: () => boolean;
  readonly you: Person;
  readonly guest: string;
  readonly files: Pick<GuestWorkspace, "handle">;
  readonly presence: SharePresence;
  readonly terminals: SharedTerminals;
  readonly actor: () => Actor;
  readonly companion: Companion;
}

/** The window of a Terminal Access guest among the people of its share: like a guest's page, with absolute paths. */
export class GuestCompanion implements Member, Companionship {
  readonly #parts: GuestCompanionParts;
  readonly #leave: () => void;
  readonly #terminals: WatchedTerminals;
  #person: Person;
  #lastInvitation = Number.NEGATIVE_INFINITY;

  constructor(parts: GuestCompanionParts) {
    this.#parts = parts;
    this.#person = parts.you;
    this.#terminals = new WatchedTerminals(parts, this);
    this.#leave = parts.presence.join(this);
    this.#tell(parts.presence.peopleFor(this));
    parts.companion.told({ type: "terminals", terminals: parts.terminals.list() });
    this.#tellTalk();
  }

  get person(): Person {
    return this.#person;
  }

  get guest(): string {
    return this.#parts.guest;
  }

  sees(path: string): Promise<boolean> {
    return seenIn(this.#parts.files, path);
  }

  moved({ place, view, follows }: WindowPlace): void {
    const { root, presence } = this.#parts;
    const path = place !== null && isBelow(place, root) ? place.slice(root.length + 1) : null;
    const isElsewhere = place !== null && path === null;
    this.#person = {
      ...without(without(this.#parts.you, "view"), "follows"),
      path,
      ...(path !== null && view !== undefined && { view }),
      ...(follows !== undefined && { follows }),
      ...(isElsewhere && { is_elsewhere: true }),
    };
    presence.changed(this);
  }

  invite(): void {
    const now = performance.now();
    if (now - this.#lastInvitation < invitationInterval) return;
    this.#lastInvitation = now;
    this.#parts.presence.invite(this);
  }

  get isBehind(): boolean {
    return this.#parts.companion.isBehind;
  }

  /** What is over or not permitted says nothing. */
  watch(terminal: string, on: boolean): void {
    this.#terminals.watch({ terminal, on });
  }

  leave(): void {
    this.#terminals.close();
    this.#leave();
  }

  send(message: ServerMessage): void {
    const { companion, share } = this.#parts;
    switch (message.type) {
      case "people":
        this.#tell(message.people);
        break;
      case "invited":
        companion.invited({ ...message, type: "window-invited", share });
        break;
      case "terminals":
      case "terminal-screen":
      case "terminal-output":
      case "terminal-size":
      case "said":
        companion.told(message);
        break;
      case "share":
        this.#tellTalk();
        break;
    }
  }

  sendNewest(_type: ServerMessage["type"], text: string): void {
    this.send(JSON.parse(text) as ServerMessage);
  }

  #tellTalk(): void {
    const { companion, share, shownRoot, you, mayTalk } = this.#parts;
    companion.told({ type: "window-talk", share, you: you.session, root: shownRoot, on: mayTalk() });
  }

  #tell(people: readonly Person[]): void {
    const { companion, share, root, you } = this.#parts;
    const others = people.filter(({ session }) => session !== you.session);
    companion.people(others.map((person) => placed(person, share, root)));
  }
}

/** @param root of the share, after links */
export function placed({ path, level: _level, ...person }: Person, share: string, root: string) {
  return { ...person, share, place: path === null ? null : join(root, path) };
}
