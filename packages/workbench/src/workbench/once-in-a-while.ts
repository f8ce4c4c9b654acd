/** Minimum time between two equal messages. Milliseconds. */
const pause = 10_000;

/** Shows each message, but not the same one again and again: Quick Open searches at every key. */
export function onceInAWhile(say: (message: string) => void, clock = Date.now): (message: string) => void {
  const said = new Map<string, number>();
  return (message) => {
    const now = clock();
    for (const [old, at] of said) if (now - at >= pause) said.delete(old);
    if (said.has(message)) return;
    said.set(message, now);
    say(message);
  };
}
