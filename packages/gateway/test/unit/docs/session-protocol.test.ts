import { join } from "node:path";
import {
  CaretSchema,
  ChangeJsonSchema,
  EntrySchema,
  FileChangeSchema,
  FileContentSchema,
  LiveClientMessageSchema,
  LoggedChangeSchema,
  methods,
  PersonSchema,
  PlacementSchema,
  RequestMessageSchema,
  ScopeSchema,
  ServerMessageSchema,
  SharedSchema,
  sessionCloseRows,
  sessionErrorMeanings,
  sessionSubprotocol,
  WindowMessageSchema,
  WindowServerMessageSchema,
} from "@waiide/protocol";
import type { TLiteral, TObject, TSchema } from "typebox";
import { expect, it } from "vitest";
import { SchemaPage } from "../../support/schema-page.ts";

/** Types that several messages have; the page explains them once. */
const named = {
  Path: methods.stat.params.properties.path,
  Version: FileContentSchema.properties.version,
  Entry: EntrySchema,
  FileContent: FileContentSchema,
  Placement: PlacementSchema,
  Person: PersonSchema,
  Shared: SharedSchema,
  Scope: ScopeSchema,
  FileChange: FileChangeSchema,
  Change: ChangeJsonSchema,
  LoggedChange: LoggedChangeSchema,
  Caret: CaretSchema,
};
const page = new SchemaPage(named);

function messages(schemas: readonly TSchema[]): string {
  return (schemas as readonly TObject<{ type: TLiteral<string> }>[])
    .map((schema) => page.block(schema.properties.type.const, schema, { message: schema }))
    .join("\n\n");
}

function requests(): string {
  return Object.entries(methods)
    .map(([name, { params, result }]) => page.block(name, params, { params, result }))
    .join("\n\n");
}

function rows(head: string, lines: readonly string[]): string {
  return [head, head.replace(/[^|]+/g, " --- "), ...lines].join("\n");
}

it("docs/reference/session-protocol.md is what the schemas of the session say", async () => {
  const isLive = (schema: TSchema) => JSON.stringify(schema).includes('"const":"live-');
  const server = ServerMessageSchema.anyOf as readonly TSchema[];
  const closes = Object.entries(sessionCloseRows).map(
    ([reason, { code, meaning }]) => `| ${code} | ${reason} | ${meaning} |`,
  );
  const errors = Object.entries(sessionErrorMeanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const text = `# The guest session's protocol

A guest's page has one WebSocket, \`share/<id>/api/session\` below the base URL, with the sub-protocol \`${sessionSubprotocol}\`. Every frame is
one JSON message in text; its \`type\` says which. The cookie of the share's link lets the page in, and the gateway asks the guest's
rights anew for every message. [contributing/live.md](../contributing/live.md) explains live editing.

Lines count from 1, columns from 0; positions of live editing are UTF-16 offsets. Times are ISO 8601 in UTC. Unknown messages of the gateway
are for a newer page: ignore them.

## Types

${Object.entries(named)
  .map(([name, schema]) => page.definition(name, schema))
  .join("\n\n")}

## What the page sends

${messages([RequestMessageSchema])}

## Requests

The gateway answers each with \`response\` or \`error\`.

${requests()}

## Errors of requests

${rows("| code | meaning |", errors)}

## What the gateway sends

${messages(server.filter((schema) => !isLive(schema)))}

## Live editing: what a client sends

${messages(LiveClientMessageSchema.anyOf)}

## Live editing: what the gateway sends

${messages(server.filter(isLive))}

## Live editing: windows of the owner's IDE

A window of the owner's VS Code has a socket at \`api/live\`, a Terminal Access guest's window one at \`share/<id>/api/live\`. It sends and gets
the live messages above, with paths that are absolute, and these besides.

${messages(WindowMessageSchema.anyOf)}

What the gateway sends to a window:

${messages(WindowServerMessageSchema.anyOf)}

## Close codes

${rows("| code | reason | meaning |", closes)}
`;
  await expect(text).toMatchFileSnapshot(
    join(import.meta.dirname, "../../../../../docs/reference/session-protocol.md"),
  );
});

it("every request and every message says what it is for", () => {
  const all = [
    ...Object.values(methods).map(({ params }) => params),
    ...ServerMessageSchema.anyOf,
    ...LiveClientMessageSchema.anyOf,
    ...WindowMessageSchema.anyOf,
    ...WindowServerMessageSchema.anyOf,
  ] as { description?: string }[];
  for (const schema of all) expect(schema.description, JSON.stringify(schema)).toMatch(/\S/);
});
