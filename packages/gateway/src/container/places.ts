import type { Owner } from "./ownership.ts";

/** Paths in the image, and the user that WAIIDE runs as. */
export interface Places {
  readonly homes: string;
  readonly passwd: string;
  /** For the IDE's data if the home cannot be written. In the container, which has only this user. */
  readonly spareData: string;
  readonly owner: Owner;
}

export const imagePlaces: Places = {
  homes: "/home",
  passwd: "/etc/passwd",
  spareData: "/tmp/waiide-data",
  owner: { uid: 1000, gid: 100 },
};
