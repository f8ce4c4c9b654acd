import type { Person } from "@waiide/protocol";
import { button, element } from "./element.ts";
import { personName, placeWords } from "./person-words.ts";

/** Maximum number of names at first; a button shows further people. */
const shownPeople = 5;

/** Who is online. The elements of a person stay, so that the keyboard's focus stays in them. */
export class PeopleList {
  readonly element = element("ul", { class: "bar-people", "aria-label": "Who is online" });
  readonly #rows = new Map<string, PersonRow>();
  readonly #more = element("li");
  #chosen: ((person: Person) => void) | undefined;
  #followed: string | undefined;
  #people: readonly Person[] = [];
  #you = "";
  #max = shownPeople;

  show(people: readonly Person[], you: string): void {
    this.#people = people;
    this.#you = you;
    this.#draw();
  }

  onPerson(chosen: (person: Person) => void): void {
    this.#chosen = chosen;
    this.#draw();
  }

  showFollowed(session: string | undefined): void {
    this.#followed = session;
    this.#draw();
  }

  #draw(): void {
    const shown = this.#people.slice(0, this.#max);
    for (const session of this.#rows.keys()) {
      if (!shown.some((person) => person.session === session)) this.#rows.delete(session);
    }
    const rows = shown.map((person) => this.#rowOf(person));
    const rest = this.#people.length - shown.length;
    const all = [...rows.map((row) => row.element), ...(rest > 0 ? [this.#moreOf(rest)] : [])];
    const isSame =
      all.length === this.element.children.length && all.every((one, at) => this.element.children[at] === one);
    if (!isSame) this.element.replaceChildren(...all);
  }

  #rowOf(person: Person): PersonRow {
    const isYou = person.session === this.#you;
    const row = this.#rows.get(person.session) ?? new PersonRow(isYou);
    this.#rows.set(person.session, row);
    const chosen = this.#chosen;
    row.show(person, person.session === this.#followed, isYou || chosen === undefined ? undefined : chosen);
    return row;
  }

  #moreOf(count: number): HTMLLIElement {
    const show = () => {
      this.#max = Number.POSITIVE_INFINITY;
      this.#draw();
    };
    this.#more.replaceChildren(button(`and ${count} more`, show));
    return this.#more;
  }
}

class PersonRow {
  readonly element = element("li");
  readonly #isYou: boolean;
  readonly #initials = element("span", { class: "person-initials", "aria-hidden": "true" });
  readonly #name = element("span", { class: "person-name" });
  readonly #button = button("", () => this.#choose?.());
  #choose: (() => void) | undefined;

  constructor(isYou: boolean) {
    this.#isYou = isYou;
    this.#button.replaceChildren(this.#initials, this.#name);
    this.#button.className = "person";
    if (isYou) this.element.append(this.#initials, this.#name);
    else this.element.append(this.#button);
  }

  show(person: Person, isFollowed: boolean, chosen: ((person: Person) => void) | undefined): void {
    const { name, color } = person;
    const label = this.#isYou ? `${name} (you)` : personName(person);
    const place = this.#isYou ? "" : placeWords(person);
    const where = place && `, ${place}`;
    this.#initials.textContent = initialsOf(name);
    this.#initials.style.setProperty("--person", color);
    this.#name.textContent = label;
    this.#button.setAttribute("aria-label", label + where);
    this.#choose = chosen && (() => chosen(person));
    this.#button.disabled = chosen === undefined;
    this.#button.setAttribute("aria-pressed", String(isFollowed));
    this.element.title = chosen === undefined ? label + where : `${label}${where}. Click to follow.`;
  }
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? "?")][0] ?? "")
    .join("")
    .toUpperCase();
}
