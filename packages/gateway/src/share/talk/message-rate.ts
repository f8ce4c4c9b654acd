import { RateLimiterMemory } from "rate-limiter-flexible";
import { GatewayError } from "../../base/errors.ts";
import { guestOf } from "../records/one-guest.ts";
import type { StoredSession } from "../store/stored.ts";

/** Messages and comments of one guest in this time. Seconds. */
const rate = { points: 20, duration: 60 };

/** How often a guest may write into a conversation. */
export class MessageRate {
  readonly #limiter = new RateLimiterMemory(rate);

  /** @throws GatewayError TALK_OFTEN */
  async spend(session: StoredSession): Promise<void> {
    const { consumedPoints, msBeforeNext } = await this.#limiter.penalty(`${session.share} ${guestOf(session)}`);
    if (consumedPoints > rate.points) {
      throw new GatewayError("TALK_OFTEN", { seconds: Math.ceil(msBeforeNext / 1_000) });
    }
  }
}
