import type { NameGroup } from "../name-groups.ts";

export const versionControl: NameGroup = {
  title: "Version control",
  why: "version control tools read it and run what it names",
  names: [
    ...[
      ".git",
      "*.git",
      ".bare",
      ".gitmodules",
      ".gitattributes",
      ".gitconfig",
      ".gitconfig.*",
      ".lfsconfig",
      ".hg",
      ".hgrc",
    ],
    ...[".hgsub", ".svn", ".jj", ".sl", ".pijul", ".fslckout", "_FOSSIL_", ".bzr", "_darcs", "CVS", ".p4config"],
  ],
};
