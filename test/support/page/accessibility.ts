import axe from "axe-core";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";

/** How people's systems ask for colours: what pages of ours are looked at in. */
export const colourSchemes = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "more contrast, light": { colorScheme: "light", contrast: "more" },
  "more contrast, dark": { colorScheme: "dark", contrast: "more" },
  "forced colours": { colorScheme: "dark", forcedColors: "active" },
} satisfies Readonly<Record<string, BrowserContextOptions>>;

export const phone = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
} satisfies BrowserContextOptions;

/**
 * What axe finds against WCAG 2.2, levels A and AA, and against good practice, in a part of a page: a rule, an element,
 * and why. Colours that the system forces are the system's, so their contrast is not ours.
 */
export async function stumblingBlocks(page: Page, within = "body"): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate((selector) => {
    const isForced = window.matchMedia("(forced-colors: active)").matches;
    const { axe: tool } = window as unknown as { axe: typeof axe };
    return tool.run(selector, { rules: { "color-contrast": { enabled: !isForced } }, resultTypes: ["violations"] });
  }, within);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** Whether the element has the focus and everybody sees that. */
export async function hasVisibleFocus(element: Locator): Promise<boolean> {
  return element.evaluate((node) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(node);
    return node === document.activeElement && outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
  });
}

/** What a page shows beside the screen, by its texts; none where nothing has to be scrolled sideways. */
export async function besideTheScreen(page: Page, within = "body"): Promise<string[]> {
  return page.locator(`${within} :not(script, style, noscript)`).evaluateAll((nodes) =>
    nodes
      .filter((node) => {
        const { left, right, width } = node.getBoundingClientRect();
        return width > 1 && (left < 0 || right > window.innerWidth + 0.5);
      })
      .map((node) => `${node.tagName} ${node.textContent}`),
  );
}
