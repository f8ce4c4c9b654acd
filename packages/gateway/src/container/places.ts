import type { Owner } from "./ownership.ts";

/** Where things are in the image, and whom WAIIDE runs as in it. */
export interface Places {
  readonly homes: string;
  readonly passwd: string;
  /** For the IDE's data where the home cannot be written. In the container itself, whose one user this is. */
  readonly spareData: string;
  readonly owner: Owner;
}

export const imagePlaces: Places = {
  homes: "/home",
  passwd: "/etc/passwd",
  spareData: "/tmp/waiide-data",
  owner: { uid: 1000, gid: 100 },
};
