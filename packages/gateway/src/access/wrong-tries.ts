import ipaddr from "ipaddr.js";
import { RateLimiterMemory } from "rate-limiter-flexible";

/** Wrong attempts per address and minute. */
const perMinute = { points: 10, duration: 60 };

/**
 * Counts wrong tokens and secrets by address. Right ones must never be checked against it: behind an ingress all clients have
 * one address, and a stranger's attempts would lock everybody out (RULES R15). Tokens and secrets are too long to be
 * guessed at any speed.
 */
export class WrongTries {
  readonly #limiter = new RateLimiterMemory(perMinute);

  /** Counts a wrong attempt. @returns seconds to wait, once there were too many */
  async count(address: string): Promise<number | undefined> {
    const { consumedPoints, msBeforeNext } = await this.#limiter.penalty(networkOf(address));
    return consumedPoints > perMinute.points ? Math.ceil(msBeforeNext / 1_000) : undefined;
  }

  /** A right one came from there. */
  async forget(address: string): Promise<void> {
    await this.#limiter.delete(networkOf(address));
  }
}

/** One IPv6 subscriber has a /64, so single addresses would not limit anyone. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === "ipv6" ? parsed.toByteArray().slice(0, 8).join(".") : parsed.toString();
}
