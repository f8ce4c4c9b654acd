import { RateLimiterMemory } from "rate-limiter-flexible";

/** New requests of one person in this time. Seconds. */
const asks = { points: 20, duration: 60 };
/** Requests of one person that the owner declined in this time; a person may be everybody behind one address. */
const declines = { points: 3, duration: 600 };

/** How often people may ask to be let in: a declined person cannot flood the owner (RULES R14). */
export class AskingLimits {
  readonly #asks = new RateLimiterMemory(asks);
  readonly #declines = new RateLimiterMemory(declines);

  /** Counts a new request. @param asker their address or account. @returns seconds to wait, if there were too many */
  async count(asker: string): Promise<number | undefined> {
    const declined = await this.#declines.get(asker);
    if (declined !== null && declined.consumedPoints >= declines.points) return seconds(declined.msBeforeNext);
    const { consumedPoints, msBeforeNext } = await this.#asks.penalty(asker);
    return consumedPoints > asks.points ? seconds(msBeforeNext) : undefined;
  }

  async declined(asker: string): Promise<void> {
    await this.#declines.penalty(asker);
  }
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000);
}
