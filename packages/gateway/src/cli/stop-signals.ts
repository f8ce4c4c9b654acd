/** Exit codes after a signal (128 + its number), as in shells. */
const signalExits = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Does work that signals stop: it gets one that they abort. Errors pass; after a signal they only mean that it has stopped.
 * @param onStopped tells the person; the exit code is the signal's then
 */
export async function stoppable(work: (signal: AbortSignal) => Promise<void>, onStopped: () => void): Promise<void> {
  const stop = new AbortController();
  const listeners = Object.keys(signalExits).map((name) => {
    const listener = () => stop.abort(name);
    process.on(name, listener);
    return { name, listener };
  });
  try {
    await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    onStopped();
    process.exitCode = signalExits[stop.signal.reason as keyof typeof signalExits];
  } finally {
    for (const { name, listener } of listeners) process.off(name, listener);
  }
}
