import { readFileSync, writeFileSync } from "node:fs";
import { errorCodeOf } from "../base/error-code.ts";

/** The text of /etc/passwd with another home folder for one user; unchanged if the user has no entry. passwd(5). */
export function withHome(passwd: string, uid: number, home: string): string {
  const lines = passwd.split("\n").map((line) => {
    const fields = line.split(":");
    return fields.length === 7 && fields[2] === String(uid) ? fields.with(5, home).join(":") : line;
  });
  return lines.join("\n");
}

/**
 * Enters the home folder in /etc/passwd, for programs that do not use HOME, such as ssh.
 * @returns the reason of a failure; undefined: none
 */
export function enterHome(uid: number, home: string, file = "/etc/passwd"): string | undefined {
  try {
    const before = readFileSync(file, "utf8");
    const after = withHome(before, uid, home);
    // In place: container engines mount this file.
    if (after !== before) writeFileSync(file, after);
    return undefined;
  } catch (error) {
    return errorCodeOf(error) ?? String(error);
  }
}
