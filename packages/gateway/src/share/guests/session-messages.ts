import { type Method, methods, type Person } from "@waiide/protocol";
import Value from "typebox/value";

/** Between two invitations of one page to follow it. Milliseconds. */
export const invitationInterval = 5_000;

/** @returns why a request is none of the protocol's, in words */
export function problemOf(method: string, params: unknown): string | undefined {
  if (!Object.hasOwn(methods, method)) return "there is no such request";
  const problem = Value.Errors(methods[method as Method].params, params)[0];
  if (problem === undefined) return undefined;
  const place = problem.instancePath.slice(1).replaceAll("/", ".");
  return `${place === "" ? "params" : place} ${problem.message}`;
}

/** @returns undefined for what is no JSON: the caller ends the session with that reason */
export function parseMessage(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A person without what they no longer say. */
export function without(person: Person, field: "view" | "follows"): Person {
  const { [field]: _removed, ...rest } = person;
  return rest;
}
