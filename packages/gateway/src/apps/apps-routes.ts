import type { IncomingMessage } from "node:http";
import type { Services } from "@waiide/protocol";
import { Type } from "typebox";
import type { RouteHost } from "../access/route-host.ts";
import { GatewayError } from "../base/errors.ts";
import { asDeclared } from "../http/content-type.ts";
import type { PageHolder, PageProofs } from "../http/page-proof.ts";
import { appsPage } from "../pages/apps.ts";
import type { AppEntry, Apps } from "./apps.ts";
import { readIcon } from "./icons.ts";

export interface AppsRoutesOptions {
  readonly apps: Pick<Apps, "entries" | "complete">;
  readonly baseUrl: string;
  /** The IDE, which the page lists first. */
  readonly ide: () => Services["services"][number];
  /** For whom the page is made; undefined: a program. */
  readonly holderOf: (request: IncomingMessage) => PageHolder | undefined;
  readonly proofs: Pick<PageProofs, "of">;
  readonly hasHub: boolean;
}

const owner = { config: { who: "owner" } } as const;

/** As jupyter-server-proxy 4 answers `server-proxy/servers-info` (jupyter_server_proxy/api.py, ServersInfoHandler). */
const ServersInfoSchema = Type.Object({
  server_processes: Type.Array(
    Type.Object({
      name: Type.String(),
      launcher_entry: Type.Object({
        enabled: Type.Boolean(),
        title: Type.String(),
        path_info: Type.String({ description: "Relative to the base URL." }),
        icon_url: Type.Optional(Type.String()),
        category: Type.String(),
      }),
      new_browser_tab: Type.Boolean(),
    }),
  ),
});

/** The apps for people, and for programs that know jupyter-server-proxy. */
export function addAppsRoutes(host: RouteHost, options: AppsRoutesOptions): void {
  const { apps, baseUrl, ide, holderOf, proofs, hasHub } = options;
  host.get("/apps/", { ...owner, schema: { summary: "The page that lists the apps" } }, async ({ raw }, reply) => {
    await apps.complete();
    const listed = await Promise.all(apps.entries().map(async (app) => ({ ...app, picture: await pictureOf(app) })));
    const holder = holderOf(raw);
    const proof = holder && proofs.of(holder);
    const page = appsPage({ baseUrl, ide: ide(), apps: listed, proof, hasHub, mayShare: holder === "owner" });
    return reply.headers(page.headers).send(page.html);
  });
  host.get(
    "/server-proxy/servers-info",
    {
      ...owner,
      schema: { summary: "The apps as jupyter-server-proxy lists them", response: { 200: ServersInfoSchema } },
    },
    async () => {
      await apps.complete();
      return { server_processes: apps.entries().map((app) => serverProcess(app, baseUrl)) };
    },
  );
  host.get(
    "/server-proxy/icon/:name",
    { ...owner, schema: { summary: "An app's picture", params: Type.Object({ name: Type.String() }) } },
    async ({ params: { name } }, reply) => {
      const app = apps.entries().find((one) => one.name === name);
      const icon = app?.icon && (await readIcon(app.icon));
      if (!icon) throw new GatewayError("NOT_FOUND", { path: `/server-proxy/icon/${name}`, base: baseUrl });
      // An SVG can contain scripts: opened by itself, it must not run them on our origin.
      reply.headers({
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "Cache-Control": "no-cache",
      });
      return reply.type(icon.type).headers(asDeclared).send(icon.bytes);
    },
  );
}

function serverProcess({ name, title, address, inNewTab, icon }: AppEntry, baseUrl: string) {
  return {
    name,
    launcher_entry: {
      enabled: true,
      title,
      path_info: address.slice(baseUrl.length),
      category: "Notebook",
      ...(icon === undefined ? {} : { icon_url: `${baseUrl}server-proxy/icon/${name}` }),
    },
    new_browser_tab: inNewTab,
  };
}

async function pictureOf({ icon }: AppEntry): Promise<string | undefined> {
  const read = icon === undefined ? undefined : await readIcon(icon);
  return read && `data:${read.type};base64,${read.bytes.toString("base64")}`;
}
