/**
 * Why a guest cannot write a file. `level`: the share is View Only; `scope`: it is outside of what guests can change;
 * `protected`: RULES R11; `outdated`: the selection's position is not certain (R12); `locked`: the disk refuses it;
 * `linked`: a second name (a hard link) would keep the old content; `encoding`: it is text in another encoding than UTF-8,
 * and saving would damage it.
 */
export const readOnlyReasons = ["level", "scope", "protected", "outdated", "locked", "linked", "encoding"] as const;
export type ReadOnlyReason = (typeof readOnlyReasons)[number];
