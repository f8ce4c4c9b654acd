import { EnvironmentRequestSchema, EnvironmentSchema } from "@waiide/protocol";
import type { RouteHost } from "../../access/route-host.ts";
import type { EnvironmentPreview } from "./environment-preview.ts";

export function addEnvironmentRoute(api: RouteHost, preview: EnvironmentPreview): void {
  api.post(
    "/api/share/environment",
    {
      config: { who: "owner" },
      schema: {
        summary: "What would describe a folder's environment in a copy; nothing is shared or written",
        body: EnvironmentRequestSchema,
        response: { 200: EnvironmentSchema },
      },
    },
    (request) => preview.describe(request.body),
  );
}
