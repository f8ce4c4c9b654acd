import { describeHub } from "../support/hub/suite.ts";

// 6.1 has all other tests; older ones than these: `npm run test:hubs`.
for (const version of ["5.5.4", "4.1.6"]) describeHub(version);
