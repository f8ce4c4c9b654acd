// The layers of the code, from the ground up: a layer imports what stands below it, or beside it, and nothing above.
// `npm run lint` checks this, imports of types included.

const features = ["activity", "apps", "copies", "git-pull", "hub", "hub-service", "ide", "pages", "share", "webviews"];

/** Inside packages/gateway/src. Folders of one row may import each other as long as no circle comes of it. */
const layers = [
  ["base"],
  ["system"],
  ["http"],
  ["proxy", "config", "control"],
  ["access"],
  ["workspace", "git"],
  ["environment"],
  ["live"],
  features,
  ["api"],
  ["cli", "container", "doctor"],
];

const gateway = "^packages/gateway/src/";
/** With the files beside the folders they build everything and dispatch requests, so nothing below imports them. */
const roof = ["front", "parts"];
const all = [...layers.flat(), ...roof];

/** What a layer must not import: every folder of the layers above it, and the roof. */
const layerRules = layers.map((folders, index) => {
  const above = [...layers.slice(index + 1).flat(), ...roof];
  return {
    name: `gateway-${folders.join("-")}`,
    comment: `${folders.join(", ")} must not import what stands above`,
    severity: "error",
    from: { path: `${gateway}(${folders.join("|")})/` },
    to: { path: `${gateway}(?:(?:${above.join("|")})/|[^/]+\\.ts$)` },
  };
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-circles",
      comment: "Two files that need each other are one, or need a third below both. Types count.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    ...layerRules,
    {
      name: "gateway-api-hosts-routes",
      comment: "Features register their routes on the RouteHost; the API does not know them",
      severity: "error",
      from: { path: `${gateway}api/api.ts$` },
      to: { path: `${gateway}(?:${features.join("|")})/` },
    },
    {
      name: "gateway-settings-from-above",
      comment:
        "The roof hands each part its own settings; only commands, checks and the roof know the whole configuration",
      severity: "error",
      from: { path: `${gateway}(?:${layers.slice(0, -1).flat().join("|")})/`, pathNot: `${gateway}config/` },
      to: { path: `${gateway}config/config(?:-watch)?.ts$` },
    },
    {
      name: "gateway-known-folders",
      comment: "A new folder of the gateway takes its place in the layers of this file",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: `${gateway}(?!(?:${all.join("|")})/)[^/]+/` },
    },
    {
      name: "protocol-stands-alone",
      comment: "packages/protocol imports nothing of ours and does no I/O",
      severity: "error",
      from: { path: "^packages/protocol/src" },
      to: { pathNot: "^(packages/protocol/src|node_modules/(typebox|@codemirror/state|@noble/hashes))" },
    },
    {
      name: "packages-meet-in-protocol",
      comment: "Gateway, workbench and extension import nothing of each other but the protocol",
      severity: "error",
      from: { path: "^packages/(gateway|workbench|extension)/src" },
      to: { path: "^packages/", pathNot: "^packages/($1|protocol)/" },
    },
    {
      name: "sources-know-no-tests",
      comment: "What is shipped imports no test, no script and no measurement",
      severity: "error",
      from: { path: "^packages/[^/]+/src" },
      to: { path: "^(test|bench|scripts|packages/[^/]+/test)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    includeOnly: "^(packages/[^/]+/src|node_modules|test|bench|scripts|packages/[^/]+/test)",
    moduleSystems: ["es6", "cjs"],
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
};
