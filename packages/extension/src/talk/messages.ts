import type { TalkMessage } from "@waiide/protocol";

/** A share, as the conversation's view offers it. */
export interface TalkChoice {
  readonly share: string;
  readonly label: string;
}

/** The words of the view, translated by the extension. */
export interface TalkWords {
  readonly share: string;
  readonly message: string;
  readonly send: string;
  readonly you: string;
  readonly verified: string;
  readonly none: string;
  readonly hint: string;
  readonly older: string;
}

/** To the view's page. */
export type ToTalkPage =
  | {
      readonly kind: "shares";
      readonly shares: readonly TalkChoice[];
      readonly chosen: string | undefined;
      /** The reader's session; null: the owner. */
      readonly you: string | null;
    }
  | {
      readonly kind: "messages";
      readonly share: string;
      readonly messages: readonly TalkMessage[];
      readonly more: boolean;
    }
  | { readonly kind: "said"; readonly share: string; readonly message: TalkMessage }
  /** The message was written, or why not. */
  | { readonly kind: "sent"; readonly problem: string };

/** From the view's page. */
export type FromTalkPage =
  | { readonly kind: "ready" }
  | { readonly kind: "choose"; readonly share: string }
  | { readonly kind: "older"; readonly share: string; readonly before: number }
  | { readonly kind: "say"; readonly share: string; readonly text: string }
  | { readonly kind: "open"; readonly address: string };
