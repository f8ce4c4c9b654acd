import { describe, expect, it } from "vitest";
import { currentAddress } from "../../../src/front/former-addresses.ts";

function among(...apps: string[]) {
  return (path: string) => currentAddress(path, (name) => apps.includes(name));
}

describe("addresses of a former server", () => {
  it("lead to the app of that name, with the rest of the path", () => {
    const address = among("rstudio", "desktop");
    expect(address("/rstudio")).toBe("/apps/rstudio");
    expect(address("/rstudio/a%20b/?")).toBe("/apps/rstudio/a%20b/?");
    expect(address("/desktop/")).toBe("/apps/desktop/");
  });

  it("of Jupyter stay whole below its app, as Jupyter has them below its base URL", () => {
    expect(among("lab")("/lab/tree/a.ipynb")).toBe("/apps/lab/lab/tree/a.ipynb");
    expect(among("lab")("/tree/data")).toBe("/apps/lab/tree/data");
    expect(among("lab", "notebook")("/notebooks/a.ipynb")).toBe("/apps/notebook/notebooks/a.ipynb");
    expect(among("notebook", "tree")("/tree")).toBe("/apps/tree/tree");
  });

  it("lead nowhere without such an app, whatever they are called", () => {
    const address = among("lab");
    for (const path of ["/rstudio/", "/", "", "/constructor", "/__proto__/x", "/labs"]) {
      expect(address(path)).toBeUndefined();
    }
    expect(among()("/lab")).toBeUndefined();
  });
});
