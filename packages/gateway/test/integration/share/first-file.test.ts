import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CreatedShare } from "@waiide/protocol";
import { describe, expect, it } from "vitest";
import { SharingGateway } from "../../support/sharing-gateway.ts";

const files = { "a.txt": "alpha\n", "src/b.py": "print('b')\n", ".env": "KEY=1\n" };

describe("the file that guests begin with", () => {
  const opened = async (server: SharingGateway, share: CreatedShare) => {
    const guest = await server.guest(share).enter();
    const session = await guest.session();
    const about = await guest.ask("about");
    expect(about.status).toBe(200);
    const { opens } = await session.message("welcome");
    // A question and its answer: everything that was to be said before has been said.
    await session.ask("stat", { path: "" });
    session.close();
    return { opens, heard: JSON.stringify([session.messages, about.body]) };
  };

  it.each([
    ["of a workspace", { permission: "view", opens: "src/b.py" }],
    ["of a folder", { permission: "edit", file: "src", opens: "src/b.py" }],
  ] as const)("%s is named in the welcome", async (_name, request) => {
    const server = await SharingGateway.start({ files });
    expect((await opened(server, await server.create(request))).opens).toBe("src/b.py");
  });

  it.each<[string, (folder: string) => void]>([
    ["was deleted", (folder) => rmSync(join(folder, "b.py"))],
    ["was renamed", (folder) => renameSync(join(folder, "b.py"), join(folder, "c.py"))],
    [
      "is a folder by now",
      (folder) => {
        rmSync(join(folder, "b.py"));
        mkdirSync(join(folder, "b.py"));
      },
    ],
    [
      "is a link to a hidden file by now",
      (folder) => {
        rmSync(join(folder, "b.py"));
        symlinkSync("../.env", join(folder, "b.py"));
      },
    ],
    [
      "is a link to a file outside by now",
      (folder) => {
        rmSync(join(folder, "b.py"));
        symlinkSync("/etc/passwd", join(folder, "b.py"));
      },
    ],
    [
      "lies in a git directory by now",
      (folder) => {
        for (const name of ["objects", "refs"]) mkdirSync(join(folder, name));
        writeFileSync(join(folder, "HEAD"), "ref: refs/heads/main\n");
        writeFileSync(join(folder, "config"), "[core]\n\tbare = true\n");
      },
    ],
  ])("R10: guests do not hear of it when it %s", async (_name, change) => {
    const server = await SharingGateway.start({ files });
    const share = await server.create({ permission: "view", opens: "src/b.py" });
    change(join(server.workspace, "src"));
    const { opens, heard } = await opened(server, share);
    expect(opens).toBeUndefined();
    expect(heard).not.toContain("b.py");
    expect(heard).toContain("View Only");
  });

  it("R10: a change of the share does not name it either", async () => {
    const server = await SharingGateway.start({ files });
    const { share, guest } = await server.enter({ permission: "view", opens: "src/b.py" });
    rmSync(join(server.workspace, "src/b.py"));
    const session = await guest.session();
    await server.api(`/api/share/${share.id}`, { method: "PATCH", body: { expires_in: 60 } });
    const told = await session.message("share");
    expect(told.share.scope).toEqual({ kind: "workspace" });
    expect(JSON.stringify(session.messages)).not.toContain("b.py");
  });
});
