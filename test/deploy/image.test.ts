import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Engine, startEngine } from "../../scripts/environments/containers.ts";
import { patience } from "../support/patience.ts";
import { builtImage } from "./built-image.ts";

const name = "waiide-test-image";
const hardened = [
  "--read-only",
  "--cap-drop=ALL",
  ...["CHOWN", "SETUID", "SETGID", "KILL"].map((capability) => `--cap-add=${capability}`),
  "--security-opt=no-new-privileges",
];
const standalone = [
  "waiide",
  "--mode",
  "standalone",
  "--host",
  "0.0.0.0",
  "--auth",
  "token",
  "--token",
  "0123456789abcdef",
];

let engine: Engine;
let image: string;

beforeAll(async () => {
  engine = await startEngine();
  image = await builtImage(engine);
}, 1_800_000);
afterEach(() => engine.podman("rm", "-f", "-v", "-t", "0", "--ignore", name));
afterAll(() => engine?.close());

/** Runs a shell command in a container of its own, without the entrypoint. */
function shell(command: string, ...options: readonly string[]): Promise<string> {
  return engine.podman("run", "--rm", "--network=none", "--entrypoint=sh", ...options, image, "-c", command);
}

async function inspect(format: string, what = image): Promise<string> {
  return engine.podman("inspect", "--format", format, what);
}

/** Starts a container and waits until it is healthy. */
async function start(options: readonly string[], command = standalone): Promise<void> {
  await engine.podman("run", "-d", "--name", name, "--network=none", ...options, image, ...command);
  await expect
    .poll(async () => {
      const running = await inspect("{{.State.Running}}", name);
      if (running !== "true") throw new Error(await engine.logs(name));
      return engine.podman("healthcheck", "run", name).then(
        () => true,
        () => false,
      );
    }, patience)
    .toBe(true);
}

describe("the image", () => {
  it("says what it is and how to run it", async () => {
    expect(JSON.parse(await inspect("{{json .Config.Cmd}}"))).toEqual(["waiide"]);
    expect(JSON.parse(await inspect("{{json .Config.Entrypoint}}"))).toEqual(["tini", "--"]);
    const labels = JSON.parse(await inspect("{{json .Config.Labels}}")) as Record<string, string>;
    const manifest = JSON.parse(
      await readFile(resolve(import.meta.dirname, "../../packages/gateway/package.json"), "utf8"),
    ) as { version: string };
    expect(labels["org.opencontainers.image.version"]).toBe(manifest.version);
    expect(labels["org.opencontainers.image.licenses"]).toBe("MIT");
    expect(await shell("waiide --version; jupyterhub-singleuser --version")).toBe(
      `${manifest.version}\n${manifest.version}`,
    );
  });

  it("R4: holds no way to root and no secret of its build, and hides what it starts", async () => {
    expect(await shell("find / -xdev -type f -perm /6000; command -v sudo || echo none")).toBe("none");
    expect(await shell("find / -xdev -name .npmrc -o -path '/run/secrets/*' -type f -print; ls -A /root")).toBe(
      ".bashrc\n.profile",
    );
    const programs =
      "/usr/bin/tini /opt/waiide/libexec/sh /opt/waiide/node_modules/node-linux-*/bin/node /usr/local/bin/node";
    expect(await shell(`stat -c '%a %U' ${programs}`)).toBe("711 root\n711 root\n711 root\n755 root");
  });

  it("lists its parts, and has what somebody in a terminal expects", async () => {
    const documents = await shell(
      "cd /usr/share/waiide/sbom && cat debian.cdx.json ide-server.cdx.json waiide.cdx.json | jq -c '[.bomFormat, .specVersion, (.components | length > 50)]'",
    );
    expect(documents.split("\n")).toEqual(Array(3).fill('["CycloneDX","1.6",true]'));
    const programs =
      "bash curl file git jq less make nano node pip3 ps python3 rsync ssh tar tmux tree unzip vi wget xz";
    expect(
      await shell(
        `for p in ${programs}; do command -v $p >/dev/null || echo $p; done; python3 -m venv /tmp/v && echo venv`,
      ),
    ).toBe("venv");
  });

  it("doctor has nothing to say about its IDE server, which is compressed", async () => {
    const text = await shell("WAIIDE_WORKSPACE=/tmp waiide doctor --json", "--user=1000:100", "-e", "HOME=/tmp");
    const { findings } = JSON.parse(text) as { findings: { check: string; result: string; message: string }[] };
    expect(findings.filter(({ check }) => check === "IDE server" || check === "compressed files")).toMatchObject([
      { result: "ok", message: expect.stringContaining("/opt/calliope/WAIIDE-server") },
      { result: "ok" },
    ]);
  });
});

describe("R4, R22: a container runs, is healthy, and ends in order", () => {
  it.each([
    ["as root", []],
    ["as root with a read-only root and four capabilities", hardened],
    ["as user 1000", ["--user=1000:100", "--cap-drop=ALL", "--security-opt=no-new-privileges"]],
    [
      "as any user of group 0, as OpenShift does",
      ["--user=1000710000:0", "--cap-drop=ALL", "--read-only", "--tmpfs=/home/calliope:rw,mode=0777"],
    ],
    ["with a home that is full", ["--tmpfs=/home/calliope:rw,size=64k,mode=0755"]],
  ] satisfies [string, string[]][])("%s", async (_how, options: readonly string[]) => {
    const home = options.some((option) => option.includes("/home/calliope")) || !options.includes("--read-only");
    await start([...options, ...(home ? [] : ["--volume=/home/calliope"])]);
    const status = await engine.podman("exec", name, "sh", "-c", "cat /proc/$(pgrep -P 1)/status");
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).not.toMatch(/^Uid:\s+0\s/m);
    await engine.podman("stop", "-t", "20", name);
    expect(await inspect("{{.State.ExitCode}}", name)).toBe("0");
    expect(await engine.logs(name)).toContain("SIGTERM: stopping");
  });

  it("the entrypoint ends with the reason of a refusal", async () => {
    await expect(engine.podman("run", "--name", name, "-e", "WAIIDE_USER=../root", image)).rejects.toThrow(
      "USER_NAME_REFUSED",
    );
    await engine.podman("rm", name);
    // Without a setting that admits people, nobody gets in from outside.
    await expect(engine.podman("run", "--name", name, image)).rejects.toThrow("AUTH_CHOICE_NEEDED");
    await engine.podman("rm", name);
    await expect(
      engine.podman("run", "--name", name, "--read-only", "-e", "WAIIDE_USER=alice", image, ...standalone),
    ).rejects.toThrow("HOME_UNUSABLE");
  });
});
