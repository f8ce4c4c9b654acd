// Copied to dist/waiide.cjs by the build. What V8 made of the code at the build is used again, for a start in half the time.
require("node:module").enableCompileCache(`${__dirname}/compiled`);
require("./gateway.cjs");
