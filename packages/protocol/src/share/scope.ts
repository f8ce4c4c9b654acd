import { type Static, Type } from "typebox";
import { WholeNumber } from "../schema/whole-number.ts";

export const Line = WholeNumber({ minimum: 1 });
const Column = WholeNumber({ minimum: 0 });

/** A name at the top of a home folder that begins with a dot. */
const DotName = Type.String({
  maxLength: 255,
  pattern: "^\\.[^/\\u0000-\\u001f\\u007f]*[^/.\\u0000-\\u001f\\u007f][^/\\u0000-\\u001f\\u007f]*$",
});
export const Show = Type.Optional(
  Type.Array(DotName, {
    maxItems: 100,
    uniqueItems: true,
    description:
      "Names at the top of a home folder, such as “.bashrc”, that guests may see although they begin with a dot. Files below them that are hidden for another reason stay hidden; Full Access guests cannot write any of them.",
  }),
);

/**
 * What guests of a share can see. `opens` is the file that their page opens first; it limits nothing, so Terminal Access to a
 * file or folder is a workspace that opens it. An `app` has no files. Guests do not receive it with the scope, but in `Welcome.opens`.
 */
export const ScopeSchema = Type.Union([
  Type.Object({
    kind: Type.Literal("workspace"),
    opens: Type.Optional(Type.String()),
    line: Type.Optional(Line),
    show: Show,
  }),
  Type.Object({
    kind: Type.Literal("folder"),
    path: Type.String(),
    opens: Type.Optional(Type.String({ description: "Relative to the root, as the path." })),
    show: Show,
  }),
  Type.Object({
    kind: Type.Literal("file"),
    path: Type.String(),
    line: Type.Optional(Line),
    col: Type.Optional(Column),
    show: Show,
  }),
  Type.Object({
    kind: Type.Literal("selection"),
    path: Type.String(),
    line: Line,
    col: Column,
    end_line: Line,
    end_col: Type.Union([Column, Type.Null()], { description: "null: to the end of the line." }),
    show: Show,
  }),
  Type.Object({
    kind: Type.Literal("app"),
    name: Type.String({ description: "What people call the app: its title, or “port 8501”." }),
    show: Show,
  }),
]);
export type Scope = Static<typeof ScopeSchema>;
