import { installedIdeServer } from "../../src/config/paths.ts";

/** The IDE server of this machine: “npm test” installs it where “waiide ide install” does. */
export const realIdeServer = process.env.WAIIDE_SERVER_ROOT ?? installedIdeServer(process.env);
