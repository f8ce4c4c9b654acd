// Copied to dist/waiide.cjs by the build. What V8 made of the code at the build is used again, for a start in half the time;
// “portable”: wherever the folder was moved to since.
require("node:module").enableCompileCache({ directory: `${__dirname}/compiled`, portable: true });
require("./gateway.cjs");
