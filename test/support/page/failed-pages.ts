import type { Frame, Page } from "playwright-core";
import { afterEach, beforeEach, type RunnerTask, type TestError } from "vitest";
import { screenshot } from "./browser.ts";
import { lastErrors, openPages } from "./open-browsers.ts";

/**
 * A race is seldom seen twice, so a failed test says what each of its pages showed: as a picture, and as text in the error's
 * message, as a build server may show nothing else.
 */
const told = new WeakSet<TestError>();

// Before the test's own hooks, which may close the pages, and again after them, as they may fail.
afterEach(({ task }) => tell(task));
beforeEach(({ onTestFailed }) => onTestFailed(({ task }) => tell(task)));

async function tell({ id, result }: RunnerTask): Promise<void> {
  const error = result?.state === "fail" ? result.errors?.[0] : undefined;
  if (error === undefined || told.has(error)) return;
  told.add(error);
  const shown = await Promise.all(openPages().map((page, index) => describe(page, `failed-${id}-${index}`)));
  error.message = [error.message, ...shown].join("\n\n");
}

async function describe(page: Page, picture: string): Promise<string> {
  // A page that hangs is told as well.
  const taken = await within(
    screenshot(page, picture).then(() => `${picture}.png`),
    "no picture",
  );
  const texts = await Promise.all(page.frames().map((frame) => within(visibleText(frame), "no answer")));
  const shown = texts.filter((text) => text !== "").join(" || ");
  return [`${page.url()} (${taken}): ${shown.slice(0, 1_200)}`, ...lastErrors(page)].join("\n");
}

async function visibleText(frame: Frame): Promise<string> {
  // A frame that has no place gives its scripts as text.
  const text = await frame.evaluate(() => (innerWidth > 0 ? document.body.innerText : ""));
  return text.replaceAll(/\s*\n\s*/g, " | ");
}

/** @returns what it leads to, or what to say where it fails or takes more than 10 s */
async function within(result: Promise<string>, otherwise: string): Promise<string> {
  const late = new Promise<string>((resolve) => setTimeout(resolve, 10_000, otherwise).unref());
  return Promise.race([result.catch(() => otherwise), late]);
}
