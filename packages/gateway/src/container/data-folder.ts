import { lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../base/error-code.ts";
import { GatewayError, reasonOf } from "../base/errors.ts";
import { homeFolders } from "./home.ts";

/** Enough to notice a full disk. Bytes. */
const probeSize = 16_384;

/**
 * Creates the folders of a home, as its user.
 * @returns why the IDE's data cannot be written there; undefined if it can
 */
export function makeFolders(home: string): string | undefined {
  const folders = homeFolders.map((name) => join(home, name));
  const problems = folders.map(whyNotMade);
  // Only the last one, for the IDE's data, is required: without the others, the home itself opens.
  return problems.at(-1) ?? whyNotWritten(join(home, homeFolders[2]));
}

function whyNotMade(folder: string): string | undefined {
  try {
    mkdirSync(folder);
    return undefined;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return undefined;
    return reasonOf(error);
  }
}

function whyNotWritten(folder: string): string | undefined {
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    writeFileSync(probe, Buffer.alloc(probeSize), { flag: "wx" });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Creates the spare folder for the IDE's data again.
 * @throws GatewayError DATA_FOLDER_UNUSABLE
 */
export function makeSpareData(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new GatewayError("DATA_FOLDER_UNUSABLE", { folder, reason: reasonOf(error) });
  }
}

/** Whether a server of this container uses the spare folder. */
export function hasSpareData(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

/** Removes the spare folder when the home can be written again. */
export function removeSpareData(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
