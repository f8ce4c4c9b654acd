import type { Rights } from "../rules/rights.ts";

/**
 * Which changes guests with the same rights may see: determined once for all of them, since each check walks along a path.
 * It is valid for one report only.
 */
export class ChangeVisibility {
  readonly #answers = new Map<string, Promise<boolean>>();

  /**
   * @param about the question, apart from the rights; the same question must have the same answer for the same rights
   * @param look finds the answer
   */
  may({ actor }: Rights, about: readonly string[], look: () => Promise<boolean>): Promise<boolean> {
    const key = JSON.stringify([actor, ...about]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = look();
    this.#answers.set(key, answer);
    return answer;
  }
}
