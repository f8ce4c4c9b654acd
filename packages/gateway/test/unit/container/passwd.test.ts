import { describe, expect, it } from "vitest";
import { parseMountPoints } from "../../../src/container/mount-points.ts";
import { withHome } from "../../../src/container/passwd.ts";

const passwd = `root:x:0:0:root:/root:/bin/bash
calliope:x:1000:100::/home/calliope:/bin/bash
other:x:10000:100::/home/other:/bin/bash
`;

describe("/etc/passwd", () => {
  it("gets another home for one user, and is else as it was", () => {
    expect(withHome(passwd, 1000, "/home/bob.x@ex.org")).toBe(passwd.replace("/home/calliope", "/home/bob.x@ex.org"));
  });

  it("stays unchanged if the user has no entry, or a line is not one", () => {
    expect(withHome(passwd, 1234, "/home/alice")).toBe(passwd);
    expect(withHome("a:x:1000\n", 1000, "/home/alice")).toBe("a:x:1000\n");
    expect(withHome("", 1000, "/home/alice")).toBe("");
  });
});

it("mount points are read from mountinfo, odd names too", () => {
  const text = `22 1 0:21 / / rw - overlay overlay rw
30 22 0:40 / /home/a\\040b\\134c rw,nosuid - tmpfs tmpfs rw
31 22 0:41 /x /home/alice/shared\\011data rw shared:1 - ext4 /dev/sda rw
`;
  expect([...parseMountPoints(text)]).toEqual(["/", "/home/a b\\c", "/home/alice/shared\tdata"]);
});
