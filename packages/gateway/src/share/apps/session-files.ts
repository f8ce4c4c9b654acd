import type { GuestWorkspace } from "../../workspace/guest-workspace.ts";

/** What a session asks for files: a shared app has none. */
export type SessionFiles = Pick<GuestWorkspace, "handle" | "liveFile" | "goneFile" | "close">;
