/** For what must come about: no test is about how long that takes, and machines may be slow. Milliseconds. */
export const patience = { timeout: 90_000, interval: 100 };
