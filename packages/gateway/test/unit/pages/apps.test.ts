import { describe, expect, it } from "vitest";
import { appsPage, type ListedApp, stateWords } from "../../../src/pages/apps.ts";

const lab: ListedApp = {
  name: "lab",
  title: "JupyterLab",
  state: "stopped",
  address: "/user/ana/apps/lab/",
  inNewTab: true,
  picture: undefined,
};

const ide = { name: "ide", title: "WAIIDE", url: "/user/ana/ide/", state: "starting" } as const;

function bodyOf(apps: readonly ListedApp[], mayShare = true): string {
  return appsPage({ baseUrl: "/user/ana/", ide, apps, proof: "p", mayShare, hasHub: false }).html;
}

describe("the page of apps", () => {
  it("lists the IDE and each app with its title, state and address", () => {
    const body = bodyOf([lab, { ...lab, name: "b", title: "Board", state: "failed", address: "/user/ana/apps/b/x" }]);
    expect(body).toContain('href="/user/ana/ide/"');
    expect(body).toContain(stateWords.starting);
    expect(body).toContain('href="/user/ana/apps/lab/"');
    expect(body).toContain(stateWords.stopped);
    expect(body).toContain('href="/user/ana/apps/b/x"');
    expect(body).toContain(stateWords.failed);
  });

  it("opens an app in a new tab unless its settings say otherwise", () => {
    expect(bodyOf([lab])).toContain('href="/user/ana/apps/lab/" target="_blank"');
    expect(bodyOf([{ ...lab, inNewTab: false }])).not.toContain(`/apps/lab/" target=`);
  });

  it("shows an app's picture, or the first letter of its title", () => {
    expect(bodyOf([{ ...lab, picture: "data:image/png;base64,AA==" }])).toContain('src="data:image/png;base64,AA=="');
    expect(bodyOf([{ ...lab, title: "éclair" }])).toContain(">É</span>");
  });

  it("offers the owner, and nobody else, to share each app", () => {
    const button = 'data-title="JupyterLab" aria-label="Share JupyterLab"';
    expect(bodyOf([lab]).split(button)).toHaveLength(2);
    expect(bodyOf([lab])).toContain('<dialog id="share"');
    expect(bodyOf([lab], false)).not.toMatch(/<dialog|<button/);
    expect(bodyOf([])).not.toMatch(/<dialog|<button/);
  });

  it("R18: escapes titles, and says what to do where no app is configured", () => {
    expect(bodyOf([{ ...lab, title: "<img src=x>" }])).not.toContain("<img src=x>");
    expect(bodyOf([])).toContain("No app is configured");
  });
});
