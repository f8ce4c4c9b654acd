import type { Rights } from "../rules/rights.ts";

/**
 * What guests with the same rights may be told of some changes: found out once for all of them, since each look walks
 * along a path. It lasts for one telling only; the next one looks again.
 */
export class ChangeVisibility {
  readonly #answers = new Map<string, Promise<boolean>>();

  /**
   * @param about what is asked, apart from the rights; the same question must have the same answer for the same rights
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
