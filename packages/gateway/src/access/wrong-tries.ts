import ipaddr from "ipaddr.js";
import { RateLimiterMemory } from "rate-limiter-flexible";

/** Wrong tries of one address that are looked at a minute. */
const perMinute = { points: 10, duration: 60 };

/**
 * Counts wrong tokens and secrets by address. A right one must never be asked about here: behind an ingress everybody has
 * one address, and a stranger's wrong tries would lock all of them out (RULES R15). Tokens and secrets are long enough
 * that guessing is hopeless at any speed.
 */
export class WrongTries {
  readonly #limiter = new RateLimiterMemory(perMinute);

  /** Counts a wrong try. @returns seconds to wait, once there were too many */
  async count(address: string): Promise<number | undefined> {
    const { consumedPoints, msBeforeNext } = await this.#limiter.penalty(networkOf(address));
    return consumedPoints > perMinute.points ? Math.ceil(msBeforeNext / 1_000) : undefined;
  }
}

/** One IPv6 subscriber has a /64: addresses alone would be without number. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === "ipv6" ? parsed.toByteArray().slice(0, 8).join(".") : parsed.toString();
}
