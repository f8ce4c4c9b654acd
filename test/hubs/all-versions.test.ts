import { hubVersions } from "../../scripts/environments/table.ts";
import { describeHub } from "../support/hub/suite.ts";

// `npm run test:hubs`: what must hold with every hub. `npm test` runs it with fewer.
for (const version of Object.keys(hubVersions)) describeHub(version);
