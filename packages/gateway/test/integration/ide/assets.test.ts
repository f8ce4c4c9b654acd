import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readlink, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import type { IdeServer } from "../../../src/ide/install/ide-server.ts";
import { IdeAssets } from "../../../src/ide/static/assets.ts";
import type { CompressionManifest } from "../../../src/ide/static/compression-manifest.ts";

const prefix = "/stable-c0ffee/static/";
const script = "export const text = 'hello';\n".repeat(20_000);
let folder: string;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "waiide-assets-"));
  folder = join(root, "ide");
  const put = async (path: string, data: string | Buffer) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), data);
  };
  await put("out/main.js", script);
  await put("out/other.js", script);
  await put("out/stale.js", script);
  await put("out/small.css", "a{}");
  await put("out/with space.svg", "<svg/>");
  await put("out/font.woff2", "w".repeat(5000));
  await put(".compressed/out/main.js.br", brotliCompressSync(script));
  await put(".compressed/out/main.js.gz", gzipSync(script));
  await put(".compressed/out/stale.js.br", "of another version");
  await writeFile(join(root, "secret.js"), "secret");
  await symlink(join(root, "secret.js"), join(folder, "out/leak.js"));
  await symlink("main.js", join(folder, "out/inside.js"));
});

afterAll(() => rm(dirname(folder), { recursive: true, force: true }));

async function manifest(): Promise<CompressionManifest> {
  const { size, mtimeMs } = await stat(join(folder, "out/main.js"));
  const files = new Map([
    ["out/main.js", { size, mtimeMs, br: 1, gz: 1 }],
    ["out/stale.js", { size: size + 1, mtimeMs, br: 1 }],
    ["out/other.js", { size, mtimeMs: (await stat(join(folder, "out/other.js"))).mtimeMs, br: 1 }],
  ]);
  return { folder: join(folder, ".compressed"), quality: "stable", commit: "c0ffee", version: "1", files };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function serving<Result>(
  use: (get: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>) => Promise<Result>,
  options: { manifest?: CompressionManifest; commit?: string | undefined } = {},
): Promise<Result> {
  const commit = "commit" in options ? options.commit : "c0ffee";
  const ideServer = { folder, staticPrefix: prefix, commit } as IdeServer;
  const assets = new IdeAssets(ideServer, options.manifest, pino({ enabled: false }));
  const server = createServer((incoming, response) => {
    assets.handle(incoming, response, incoming.url ?? "").catch((error: unknown) => {
      if (error instanceof GatewayError) response.writeHead(error.status).end();
      else response.destroy(error as Error);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    return await use((path, headers, method) => ask(server, path, headers, method));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Not `fetch`: paths and encodings must arrive as they are. */
async function ask(
  server: Server,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const [answer] = await once(request({ host: "127.0.0.1", port, path, headers, method }).end(), "response");
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(await answer.toArray()) };
}

describe("static files in the form that the browser takes", () => {
  test("brotli, gzip, plain", async () => {
    await serving(
      async (get) => {
        const brotli = await get(`${prefix}out/main.js`, { "accept-encoding": "gzip, br" });
        expect(brotli.headers).toMatchObject({ "content-encoding": "br", vary: "Accept-Encoding" });
        expect(brotliDecompressSync(brotli.body).toString()).toBe(script);
        const gzip = await get(`${prefix}out/main.js`, { "accept-encoding": "gzip" });
        expect(gzip.headers["content-encoding"]).toBe("gzip");
        expect(gunzipSync(gzip.body).toString()).toBe(script);
        const plain = await get(`${prefix}out/main.js`);
        expect(plain.headers).not.toHaveProperty("content-encoding");
        expect(plain.headers).toMatchObject({ vary: "Accept-Encoding", "x-content-type-options": "nosniff" });
        expect(plain.body.toString()).toBe(script);
        expect(new Set([brotli, gzip, plain].map(({ headers }) => headers.etag)).size).toBe(3);
      },
      { manifest: await manifest() },
    );
  });

  test.each(["out/stale.js", "out/other.js"])(
    "%s: changed since, or gone: the compressed file is not used",
    async (path) => {
      await serving(
        async (get) => {
          const answer = await get(`${prefix}${path}`, { "accept-encoding": "br, gzip" });
          expect(answer.headers["content-encoding"]).toBe("gzip");
          expect(gunzipSync(answer.body).toString()).toBe(script);
        },
        { manifest: await manifest() },
      );
    },
  );

  test("without compressed files simultaneous requests share one gzip", async () => {
    await serving(async (get) => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => get(`${prefix}out/main.js`, { "accept-encoding": "br, gzip" })),
      );
      for (const { headers, body } of answers) {
        expect(headers["content-encoding"]).toBe("gzip");
        expect(body.length).toBeLessThan(script.length / 20);
        expect(gunzipSync(body).toString()).toBe(script);
      }
    });
  });

  test("tiny files and those that are compressed already stay as they are", async () => {
    await serving(async (get) => {
      for (const path of ["out/small.css", "out/font.woff2"]) {
        expect((await get(prefix + path, { "accept-encoding": "gzip" })).headers).not.toHaveProperty(
          "content-encoding",
        );
      }
    });
  });

  test("HEAD tells the same without the body", async () => {
    await serving(async (get) => {
      const { status, headers, body } = await get(`${prefix}out/main.js`, {}, "HEAD");
      expect([status, headers["content-length"], body.length]).toEqual([200, String(script.length), 0]);
    });
  });

  test("types as VS Code's server has them", async () => {
    await serving(async (get) => {
      const typeOf = async (path: string) => (await get(prefix + path)).headers["content-type"];
      expect(await typeOf("out/main.js")).toBe("text/javascript; charset=utf-8");
      expect(await typeOf("out/with%20space.svg")).toBe("image/svg+xml");
    });
  });
});

describe("keeping", () => {
  test("for ever where the path names a commit", async () => {
    await serving(async (get) => {
      const { headers } = await get(`${prefix}out/main.js`);
      expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    });
  });

  test("without a commit the browser asks again: 304 until the file changes", async () => {
    await serving(
      async (get) => {
        const first = await get(`${prefix}out/small.css`);
        expect(first.headers["cache-control"]).toBe("no-cache");
        const again = { "if-none-match": `"other", W/${first.headers.etag}` };
        expect(await get(`${prefix}out/small.css`, again)).toMatchObject({ status: 304, body: Buffer.alloc(0) });
        await utimes(join(folder, "out/small.css"), 1, 1);
        expect((await get(`${prefix}out/small.css`, again)).status).toBe(200);
      },
      { commit: undefined },
    );
  });
});

describe("ranges", () => {
  test("one range comes plain, whatever encodings are taken", async () => {
    await serving(async (get) => {
      const { status, headers, body } = await get(`${prefix}out/main.js`, {
        range: "bytes=7-11",
        "accept-encoding": "gzip",
      });
      expect([status, headers["content-range"], body.toString()]).toEqual([
        206,
        `bytes 7-11/${script.length}`,
        script.slice(7, 12),
      ]);
      expect(headers).not.toHaveProperty("content-encoding");
    });
  });

  test("beyond the end: 416; for another version: the whole", async () => {
    await serving(async (get) => {
      const beyond = await get(`${prefix}out/main.js`, { range: "bytes=99999999-" });
      expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, `bytes */${script.length}`]);
      const other = await get(`${prefix}out/main.js`, { range: "bytes=0-1", "if-range": '"older"' });
      expect([other.status, other.body.length]).toEqual([200, script.length]);
    });
  });
});

describe("nothing from outside the folder", () => {
  test.each([
    "../secret.js",
    "out/../../secret.js",
    "%2e%2e/secret.js",
    "out/..%2f..%2fsecret.js",
    "..%5csecret.js",
    "out/leak.js",
    "/etc/passwd",
    "out//main.js",
    "out/./main.js",
    "out/main.js%00.css",
    "%ff",
    "%",
    "out",
    "out/",
    "",
    "out/main.js/x",
    ".compressed/out/main.js.br",
    `${"x".repeat(300)}.js`,
  ])("404 for %s", async (path) => {
    await serving(async (get) => {
      const { status, body } = await get(prefix + path);
      expect([status, body.toString()]).toEqual([404, "Not found"]);
    });
  });

  test("a link that stays inside is followed", async () => {
    await serving(async (get) => expect((await get(`${prefix}out/inside.js`)).body.toString()).toBe(script));
  });

  test.each(["POST", "PUT", "DELETE"])("%s is refused", async (method) => {
    await serving(async (get) => expect((await get(`${prefix}out/main.js`, {}, method)).status).toBe(405));
  });
});

test("R7 a browser that leaves half-way leaves no open file, and the next one is served", async () => {
  const huge = join(folder, "out/huge.wasm");
  await writeFile(huge, "");
  await truncate(huge, 500_000_000);
  const ideServer = { folder, staticPrefix: prefix, commit: "c0ffee" } as IdeServer;
  const assets = new IdeAssets(ideServer, undefined, pino({ enabled: false }));
  const finished = Promise.withResolvers<void>();
  const server = createServer((incoming, response) => {
    assets.handle(incoming, response, incoming.url ?? "").then(finished.resolve, finished.reject);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const leaving = request({ host: "127.0.0.1", port, path: `${prefix}out/huge.wasm` }).end();
    const [answer] = await once(leaving, "response");
    await once(answer, "data");
    expect(await openFiles()).toContain(huge);
    leaving.destroy();
    await finished.promise;
    expect(await openFiles()).not.toContain(huge);
    expect((await ask(server, `${prefix}out/small.css`)).status).toBe(200);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

async function openFiles(): Promise<string[]> {
  const links = (await readdir("/proc/self/fd")).map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "closed"));
  return Promise.all(links);
}
