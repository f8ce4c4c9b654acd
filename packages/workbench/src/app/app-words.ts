import type { SharedAppState } from "@waiide/protocol";

export interface StateWords {
  readonly title: string;
  readonly text: string;
  /** Of the button that starts the app; undefined: none. */
  readonly start?: string;
}

/** What stands in the app's place while it cannot be used. */
export function stateWords(
  state: Exclude<SharedAppState, "ready">,
  { owner, title, mayStart }: { readonly owner: string; readonly title: string; readonly mayStart: boolean },
): StateWords {
  const opens = "This page opens it as soon as it runs.";
  switch (state) {
    case "starting":
      return { title: `“${title}” is starting …`, text: opens };
    case "paused":
      return {
        title: `“${title}” is paused`,
        text: `Another program answers in its place. ${owner} must say first that you may use it; this page then opens it.`,
      };
    case "failed":
      return mayStart
        ? { title: `“${title}” did not start`, text: `Try again, or tell ${owner}.`, start: "Start Again" }
        : { title: `“${title}” did not start`, text: `Tell ${owner}. ${opens}` };
    case "stopped":
      return mayStart
        ? { title: `“${title}” is not running`, text: "You may start it.", start: "Start" }
        : { title: `“${title}” is not running`, text: `Ask ${owner} to start it. ${opens}` };
  }
}
