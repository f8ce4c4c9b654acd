/** Browsers remember a click or a key for one to five seconds. Milliseconds. */
const interval = 1_000;

/**
 * Notices a person's input in frames of other origins, whose events no page gets: browsers tell a page that a person acted in
 * one of its frames, and nothing else.
 */
export function onFrameInput(noted: () => void): void {
  setInterval(() => {
    if (navigator.userActivation?.isActive) noted();
  }, interval);
}
