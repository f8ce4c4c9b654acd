import type { Recipient } from "@waiide/protocol";
import type { StoredGrant } from "../store/stored.ts";

/** A user as the hub names them. */
export interface HubIdentity {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The two columns that a recipient has in the store; both null: anyone with a link. */
export type StoredRecipient = Pick<StoredGrant, "withUser" | "withGroup">;

export function storedRecipient(recipient: Recipient | undefined): StoredRecipient {
  return {
    withUser: recipient !== undefined && "user" in recipient ? recipient.user : null,
    withGroup: recipient !== undefined && "group" in recipient ? recipient.group : null,
  };
}

export function recipientOf({ withUser, withGroup }: StoredRecipient): Recipient | null {
  if (withUser !== null) return { user: withUser };
  return withGroup === null ? null : { group: withGroup };
}

/** Whether a share is for named people of the hub. */
export function isNamed({ withUser, withGroup }: StoredRecipient): boolean {
  return withUser !== null || withGroup !== null;
}

/** Whether a named share is for this user of the hub. */
export function isMeant({ withUser, withGroup }: StoredRecipient, name: string, groups: readonly string[]): boolean {
  return withUser === null ? withGroup !== null && groups.includes(withGroup) : withUser === name;
}
