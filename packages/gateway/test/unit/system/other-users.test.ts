import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { otherLoginUsers, usersWhoCanConnect } from "../../../src/system/other-users.ts";

it("R5: other people of the machine are those with a shell, not oneself or a service", async () => {
  const folder = mkdtempSync(join(tmpdir(), "passwd-"));
  try {
    const rows = [
      "root:x:0:0:root:/root:/bin/bash",
      "ana:x:1000:1000::/home/ana:/bin/bash",
      "bob:x:1001:1001::/home/bob:/bin/zsh",
      "backup:x:1002:1002::/:/usr/sbin/nologin",
      "nobody:x:65534:65534::/:/bin/sh",
      "half:x:1003",
      "",
    ];
    writeFileSync(join(folder, "passwd"), rows.join("\n"));
    expect(await otherLoginUsers(join(folder, "passwd"), 1000)).toEqual(["bob"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  [undefined, "600", ["bob"]],
  ["/run/w.sock", "600", []],
  ["/run/w.sock", "700", []],
  ["/run/w.sock", "660", ["bob"]],
  ["/run/w.sock", "666", ["bob"]],
])("R5: on socket %s with mode %s, %j can connect", async (socket, mode, expected) => {
  const socketMode = Number.parseInt(mode, 8);
  expect(await usersWhoCanConnect({ socket, socketMode }, async () => ["bob"])).toEqual(expected);
});
