import { once } from "node:events";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { HttpClient } from "../support/http/client.ts";
import { opensIde, ways } from "../support/hub/contract.ts";
import { it } from "../support/hub/fixtures.ts";

it("R1: a logout at the hub ends only this browser's access, with its next request", async ({
  hub,
  server,
  backend,
}) => {
  const [person, elsewhere] = [await hub.login("alice"), await hub.login("alice")];
  for (const browser of [person, elsewhere]) {
    await opensIde(hub, server, browser);
    expect(await ways(server, backend.port, browser)).toEqual({ ide: 200, port: 200, socket: 101, api: 200 });
  }
  const page = await person.open(`${hub.url}hub/logout`);
  expect(page.status).toBe(200);
  // The cookie for this server is still in the browser: the hub removes only its own.
  expect(person.cookies.headerFor(new URL(server.url))).toContain("jupyterhub-user-alice-waiide=");
  expect(await ways(server, backend.port, person)).toEqual({ ide: 401, port: 401, socket: 401, api: 401 });
  const again = await person.open(`${server.url}ide/`);
  expect(new URL(again.url).pathname).toBe("/hub/login");
  expect(await ways(server, backend.port, elsewhere)).toEqual({ ide: 200, port: 200, socket: 101, api: 200 });
});

it("R1: while the hub does not answer, a browser whose session there changed stays in", async ({
  hub,
  server,
  backend,
}) => {
  const person = await hub.login("alice");
  await opensIde(hub, server, person);
  const cookie = (person.cookies.headerFor(new URL(server.url)) ?? "").replace(
    /jupyterhub-session-id=[^;]*/,
    "jupyterhub-session-id=another",
  );
  hub.pause();
  try {
    const program = new HttpClient();
    expect((await program.fetch(`${server.url}api/status`, { cookie })).status).toBe(200);
    const socket = new WebSocket(`${server.url.replace("http", "ws")}proxy/${backend.port}/socket`, {
      headers: { cookie },
    });
    await once(socket, "open");
    socket.close();
  } finally {
    hub.resume();
  }
});
