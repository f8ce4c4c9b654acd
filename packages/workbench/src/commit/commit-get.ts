import type { CloneToken, ErrorBody } from "@waiide/protocol";
import { button, element } from "../page/element.ts";

const files = [
  ["archive.zip", ".zip"],
  ["archive.tar.gz", ".tar.gz"],
  ["changes.patch", "Patch"],
  ["repo.bundle", "Bundle"],
] as const;

/** How a guest takes the shared commit with them. */
export class CommitGet {
  readonly element: HTMLElement;
  readonly #base: string;
  readonly #folder: string;
  readonly #clone = element("div", { class: "commit-clone" });

  /**
   * @param base path of the share, begins and ends with `/`
   * @param folder what the folder of the copy may be called
   */
  constructor(base: string, folder: string) {
    this.#base = base;
    this.#folder = folder.replace(/[^\w.-]+/g, "-").replace(/^[-.]+/, "") || "copy";
    const links = files.map(([path, label]) =>
      element("a", { href: `${base}${path}`, download: "", "aria-label": `Download ${path}` }, label),
    );
    this.element = element(
      "details",
      { class: "commit-get" },
      element("summary", {}, "Get It"),
      element(
        "p",
        { class: "commit-files" },
        ...links,
        button("Clone with Git", () => void this.#show()),
      ),
      this.#clone,
    );
  }

  async #show(): Promise<void> {
    const response = await fetch(`${this.#base}clone-token`, { method: "POST", cache: "no-store" });
    if (!response.ok) {
      const body: unknown = await response.json().catch(() => undefined);
      const reason = (body as Partial<ErrorBody> | undefined)?.error?.message;
      this.#clone.replaceChildren(element("p", { role: "alert" }, reason ?? "The gateway gave no password."));
      return;
    }
    const { username, password, path, expires_at, propose } = (await response.json()) as CloneToken;
    const address = new URL(path, location.origin);
    address.username = username;
    const until = new Date(expires_at).toLocaleString();
    this.#clone.replaceChildren(
      line("Command", `git clone ${address.href} ${this.#folder}`),
      line("Password", password),
      ...(propose === null ? [] : [line("Propose a change", `git push origin HEAD:${propose}`)]),
      element(
        "p",
        { class: "soft" },
        `Git asks for the password. It works until you leave, at the latest until ${until}.`,
      ),
    );
  }
}

/** A text to copy. */
function line(label: string, text: string): HTMLElement {
  const copy = button("Copy", () => void navigator.clipboard.writeText(text), {
    "aria-label": `Copy the ${label.toLowerCase()}`,
  });
  return element(
    "p",
    {},
    element("label", {}, `${label} `, element("input", { readonly: "", value: text })),
    " ",
    copy,
  );
}
