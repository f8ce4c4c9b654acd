import type { Invited, Person } from "@waiide/protocol";
import { button, element } from "../page/element.ts";
import { personName, placeWords } from "../page/person-words.ts";
import "./follow.css";

export interface FollowBannerActions {
  stop(): void;
  accept(session: string): void;
}

/** The line above the workbench that says whom one follows, and who asks to be followed. */
export class FollowBanner {
  readonly #actions: FollowBannerActions;
  readonly #words = element("span", { role: "status" });
  readonly #buttons = element("span", { class: "follow-buttons" });
  readonly #element = element("aside", { class: "follow", "aria-label": "Following" }, this.#words, this.#buttons);
  readonly #frame: HTMLElement;
  #person: Person | undefined;
  #invited: Invited | undefined;

  constructor(frame: HTMLElement, actions: FollowBannerActions) {
    this.#actions = actions;
    this.#frame = frame;
    this.#element.hidden = true;
    frame.before(this.#element);
  }

  show(person: Person | undefined): void {
    this.#person = person;
    if (person !== undefined) this.#invited = undefined;
    this.#draw();
  }

  /** Asks whether to follow somebody, until it is answered. */
  ask(invited: Invited): void {
    this.#invited = invited;
    this.#draw();
  }

  /** The one who asked has left. */
  forget(isHere: (session: string) => boolean): void {
    if (this.#invited === undefined || isHere(this.#invited.session)) return;
    this.#invited = undefined;
    this.#draw();
  }

  close(): void {
    this.#element.remove();
  }

  #draw(): void {
    const [person, invited] = [this.#person, this.#invited];
    this.#element.hidden = person === undefined && invited === undefined;
    this.#frame.classList.toggle("is-following", person !== undefined);
    for (const one of [this.#element, this.#frame]) one.style.setProperty("--followed", person?.color ?? "");
    if (invited !== undefined) this.#drawQuestion(invited);
    else if (person !== undefined) {
      const where = person.is_elsewhere ? `, ${placeWords(person)}` : "";
      this.#words.textContent = `Following ${personName(person)}${where} – Esc to stop`;
      this.#buttons.replaceChildren(button("Stop Following", () => this.#actions.stop()));
    }
  }

  #drawQuestion({ session, name }: Invited): void {
    const answered = () => {
      this.#invited = undefined;
      this.#draw();
    };
    this.#words.textContent = `${name} asks you to follow them.`;
    const accept = button(`Follow ${name}`, () => {
      answered();
      this.#actions.accept(session);
    });
    this.#buttons.replaceChildren(accept, button("Decline", answered));
  }
}
