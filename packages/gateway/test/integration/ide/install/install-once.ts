// A process of its own that installs, for tests that kill it: `node install-once.ts FROM TO`, environment and all.
import { installIdeServer } from "../../../../src/ide/install/install.ts";

const [from = "", to = ""] = process.argv.slice(2);
await installIdeServer({ from, to, onProgress: ({ step }) => console.log(step) });
