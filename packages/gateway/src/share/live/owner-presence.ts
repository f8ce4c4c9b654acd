import type { Invited } from "@waiide/protocol";
import type { Companion, Companionship, Company, PlacedPerson, WindowPlace } from "../../live/windows/company.ts";

/** What guests' side does for the owner's windows. */
export interface OwnerAudience {
  /** The owner came, moved or left. */
  ownerMoved(): void;
  /** The owner asks everybody in a share to follow them. */
  ownerInvites(share: string): void;
}

interface OwnerWindow {
  readonly companion: Companion;
  at: WindowPlace;
}

/** The owner among guests: where they are, by the window that they used last, and what their windows hear of guests. */
export class OwnerPresence implements Company {
  /** The one that was used last comes last. */
  #windows: OwnerWindow[] = [];
  #people: readonly PlacedPerson[] = [];
  #audience: OwnerAudience | undefined;

  set audience(audience: OwnerAudience) {
    this.#audience = audience;
  }

  /** Undefined: no window is open. */
  get at(): WindowPlace | undefined {
    return this.#windows.at(-1)?.at;
  }

  join(companion: Companion): Companionship {
    const window: OwnerWindow = { companion, at: { place: null } };
    // What is known already may be where the owner is; this window has said nothing yet.
    this.#windows = [window, ...this.#windows];
    this.#audience?.ownerMoved();
    companion.people(this.#people);
    return {
      moved: (at) => {
        window.at = at;
        this.#windows = [...this.#windows.filter((one) => one !== window), window];
        this.#audience?.ownerMoved();
      },
      invite: (share) => this.#audience?.ownerInvites(share),
      // The terminals are the owner's.
      watch: () => {},
      leave: () => {
        this.#windows = this.#windows.filter((one) => one !== window);
        this.#audience?.ownerMoved();
      },
    };
  }

  /** Guests came, left or moved. */
  tell(people: readonly PlacedPerson[]): void {
    this.#people = people;
    for (const { companion } of this.#windows) companion.people(people);
  }

  /** A guest asks to be followed: the window that the owner used last says so. */
  invited(share: string, { session, name }: Pick<Invited, "session" | "name">): void {
    this.#windows.at(-1)?.companion.invited({ type: "window-invited", share, session, name });
  }
}
