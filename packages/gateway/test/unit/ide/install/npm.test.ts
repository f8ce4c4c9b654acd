import { describe, expect, test } from "vitest";
import { explainNpmFailure } from "../../../../src/ide/install/npm.ts";

describe("npm's failures are said in words, with advice that fits", () => {
  test.each([
    ["npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device, write", "disk is full", "Free 1.5 GB"],
    ["npm error code ENOTFOUND\nnpm error network request to https://r.example/x failed", "cannot be reached", "proxy"],
    ["npm error code EAI_AGAIN\nnpm error errno EAI_AGAIN", "cannot be reached", "HTTPS_PROXY"],
    ["npm error code ECONNREFUSED", "cannot be reached", "Check the network"],
    ["npm error code ETIMEDOUT", "cannot be reached", "Check the network"],
    ["npm error code SELF_SIGNED_CERT_IN_CHAIN", "certificate is not trusted", "NODE_EXTRA_CA_CERTS"],
    ["npm error code EACCES\nnpm error path /home/x/.npm/_cacache", "may not be written", "--to"],
    ["npm error code E404\nnpm error 404 Not Found", "does not have a package", "mirror"],
    ["npm error code ETARGET", "does not have a package", "mirror"],
    ["npm error code E401", "refuses this user", "npm login"],
    [
      "npm error gyp ERR! build error\nnpm error gyp ERR! stack Error: `make` failed",
      "does not compile",
      "build-essential",
    ],
    // A compiler that dies of a full disk: the disk is what to look at.
    ["npm error gyp ERR! build error\nnpm error fatal error: No space left on device", "disk is full", "Free 1.5 GB"],
    ["npm ERR! code ENOTFOUND", "cannot be reached", "Check the network"],
  ])("%j", (output, reason, advice) => {
    const explained = explainNpmFailure(output);
    expect(explained.reason).toContain(reason);
    expect(explained.advice).toContain(advice);
  });

  test("anything else: npm's last lines, without warnings, and where its log is", () => {
    const { reason, advice } = explainNpmFailure(
      "npm warn old thing\nnpm error code 7\nnpm error it broke\nnpm error A complete log of this run can be found in: /tmp/x.log",
    );
    expect(reason).toBe("npm failed: 7; it broke");
    expect(advice).toContain("/tmp/x.log");
  });

  test("silence", () => {
    expect(explainNpmFailure("").reason).toBe("npm failed: it said nothing");
  });
});
