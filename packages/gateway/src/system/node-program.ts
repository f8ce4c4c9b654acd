import { constants } from "node:fs";
import { findProgram, isProgram } from "./programs.ts";

/**
 * The Node that runs programs of ours: the gateway's own, or, if that file may only be executed, the one on PATH. The kernel
 * hides processes whose program cannot be read (RULES R4); their owner must be able to debug them, and the end of a share
 * finds them by their environment (RULES R16).
 */
export function childNode(own = process.execPath, path = process.env.PATH): string {
  if (isProgram(own, constants.R_OK)) return own;
  return findProgram("node", { PATH: path }, constants.R_OK) ?? own;
}
