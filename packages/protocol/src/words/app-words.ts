const sealedFact =
  "The program keeps nothing in your browser: after a reload it begins anew. Camera, microphone and location are off.";
const ownHostFact =
  "The program can keep cookies and data in your browser, which only it can read. Camera, microphone and location are off.";

/**
 * What guests of an app must know before they use it; `{owner}` stands for the owner's name.
 * @param hasOwnHost whether it has a host of its own; else it is sealed
 */
export function guestAppFacts(hasOwnHost: boolean): readonly string[] {
  return [
    "This is {owner}’s program, not a page of JupyterHub. Never type your JupyterHub password, or another password of yours, into it.",
    "What you enter goes to {owner}’s machine, and from there wherever the program sends it. {owner} and other guests may see it.",
    hasOwnHost ? ownHostFact : sealedFact,
  ];
}

/** What owners must know before they share an app. */
export const ownerAppFacts = [
  "The app runs as you, with your files and keys. Guests can do everything that it lets them do, and you do not see it.",
  "All guests use the same running program, at the same time as you.",
  "What guests enter could attack you when you open the app at its own address: use “Open as Guests See It” instead.",
  "If another program takes the app’s port, the share pauses until you decide. Ending the share undoes nothing that guests did.",
] as const;

/** Refusals of a new share that its owner may confirm. */
const confirmations: ReadonlySet<string> = new Set(["SHARE_CONFIRM", "SHARE_CODE_CONFIRM"]);

/** @param code of an error */
export function mayConfirm(code: string): boolean {
  return confirmations.has(code);
}
