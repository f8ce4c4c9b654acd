import { reasonOf } from "../base/errors.ts";
import { type Finding, ok } from "../base/finding.ts";
import type { Config } from "../config/config.ts";
import { answeredBy, appLabelLength } from "../http/names/app-domain.ts";
import { portSuffix } from "../http/names/port-domain.ts";

const check = "names of shared apps";
/** Milliseconds. */
const timeout = 5_000;

/**
 * Whether the names of shared apps lead to this server, whatever the path. A proxy that sends a name on by its path alone would let
 * another user's server answer there, as the origin of this user's app (RULES R35).
 * @param ask resolves with the base URL of the gateway that answered, undefined if another program did
 */
export async function checkAppNames(
  { sharing, baseUrl }: Pick<Config, "sharing" | "baseUrl">,
  isRunning: boolean,
  ask: (address: string) => Promise<string | undefined> = serverAt,
): Promise<Finding> {
  const { appDomain, publicOrigin } = sharing;
  if (appDomain === undefined) return ok(check, "none: shared apps are sealed");
  const { pattern, port } = appDomain;
  const names = pattern.hostOf("{{share}}");
  if (!isRunning) return ok(check, `${names}, not tried: WAIIDE is not running`);
  const suffix = port ?? portSuffix(publicOrigin ?? "");
  const origin = `https://${pattern.hostOf("0".repeat(appLabelLength))}${suffix}`;
  const hubPath = baseUrl.replace(/user\/.*$/, "");
  const paths = ["/", `${hubPath}hub/api`, `${hubPath}user/waiide-doctor/api`, "/~waiide/enter"];
  try {
    const answers = await Promise.all(paths.map(async (path) => ({ path, by: await ask(`${origin}${path}`) })));
    const wrong = answers.filter(({ by }) => by !== baseUrl).map(({ path }) => path);
    if (wrong.length === 0) return ok(check, `${names} leads here`);
    const message = `share-app-domain: at ${origin} another program answers, for ${wrong.join(", ")}`;
    return { check, result: "problem", message, action };
  } catch (error) {
    const message = `share-app-domain: no answer at ${origin} from here: ${reasonOf(causeOf(error))}`;
    return { check, result: "warning", message, action };
  }
}

const action =
  "The proxy in front must send each name, whatever the path, to this server alone: see docs/sharing-apps.md#apps-on-hosts-of-their-own. Until it does, guests see apps sealed.";

/** What `fetch` throws says nothing itself. */
function causeOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause !== undefined ? error.cause : error;
}

async function serverAt(address: string): Promise<string | undefined> {
  const answer = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(timeout) });
  await answer.body?.cancel();
  return answer.headers.get(answeredBy) ?? undefined;
}
