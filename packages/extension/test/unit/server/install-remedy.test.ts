import { expect, it } from "vitest";
import { galleryFrom, installRemedy } from "../../../src/server/install-remedy.ts";

const gallery = JSON.stringify({ serviceUrl: "https://open-vsx.org/vscode/gallery" });

it("the gallery is what the IDE's environment names, and none where it names none", () => {
  expect(galleryFrom(gallery)).toBe("https://open-vsx.org");
  for (const none of [undefined, "", "{}", "no JSON", '{"serviceUrl":1}', '{"serviceUrl":"no address"}']) {
    expect(galleryFrom(none)).toBeUndefined();
  }
});

it("where extensions cannot be installed, it says why, which gallery, and what to do", () => {
  const reason = "it ended with exit code 1: Error: getaddrinfo ENOTFOUND open-vsx.org";
  expect(installRemedy(gallery, reason)).toContain("does not reach the gallery https://open-vsx.org");
  expect(installRemedy(gallery, "Extension 'a.b' not found.")).toContain("Check the name and the version there.");
  expect(installRemedy("{}", reason)).toContain("has set no gallery");
  for (const given of [gallery, "{}"]) expect(installRemedy(given, reason)).toContain("waiide extensions install");
});
