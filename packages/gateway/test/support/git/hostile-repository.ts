import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestRepository } from "./test-repository.ts";

/** What git may run because of a repository's configuration. */
const programs: Readonly<Record<string, string>> = {
  "core.fsmonitor": "fsmonitor",
  "core.pager": "pager",
  "diff.external": "diffexternal",
  "diff.evil.textconv": "textconv",
  "diff.evilbin.command": "diffdriver",
  "filter.evil.smudge": "smudge",
  "filter.evil.clean": "clean",
  "filter.evil.process": "filterprocess",
  "tar.tar.gz.command": "tarcmd",
  "tar.tgz.command": "tgzcmd",
  "uploadpack.packObjectsHook": "packobjectshook",
  "core.alternateRefsCommand": "altrefs",
  "core.sshCommand": "ssh",
  "core.gitProxy": "gitproxy",
  "core.askPass": "askpass",
  "gpg.program": "gpg",
  "interactive.diffFilter": "difffilter",
  "trailer.sign.command": "trailer",
};
const hooks = [
  "post-index-change",
  "reference-transaction",
  "post-checkout",
  "pre-auto-gc",
  "pre-receive",
  "post-upload-pack",
];

/** A repository full of tripwires: each program that git might run because of it leaves a file. */
export class HostileRepository extends TestRepository {
  readonly #trips: string;

  /** @param elsewhere a folder of its own, outside of the repository */
  constructor(folder: string, elsewhere: string) {
    super(folder);
    this.#trips = join(elsewhere, "trips");
    mkdirSync(this.#trips, { recursive: true });
    const attributes = "a.txt diff=evil filter=evil\n*.bin diff=evilbin\n*.gen export-subst\n";
    this.commit("one", { ".gitattributes": attributes, "a.txt": "one\n", "x.bin": "bin\n", "s.gen": "$Format:%H$\n" });
    this.commit("two", { "a.txt": "two\n" });
    this.#sign();
    this.#replace();
    this.#plant(elsewhere);
  }

  /** What was run. */
  get tripped(): string[] {
    return readdirSync(this.#trips);
  }

  /** A commit that looks signed, so that showing it would ask gpg. */
  #sign(): void {
    const [tree, parent] = [this.git("rev-parse", "HEAD^{tree}"), this.git("rev-parse", "HEAD")];
    const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----";
    const who = "A <a@x> 1700000000 +0000";
    const text = `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n${signature}\n\nsigned\n\nSigned-off-by: x\n`;
    writeFileSync(join(this.folder, ".git", "signed"), text);
    const id = this.git("hash-object", "-t", "commit", "-w", ".git/signed");
    this.git("update-ref", "refs/heads/main", id);
  }

  /** Whoever minds replaced objects sees another content. */
  #replace(): void {
    const replaced = this.git("rev-parse", "main:a.txt");
    writeFileSync(join(this.folder, ".git", "other"), "replaced\n");
    const other = this.git("hash-object", "-w", ".git/other");
    this.git("update-ref", `refs/replace/${replaced}`, other);
  }

  #plant(elsewhere: string): void {
    const config: [string, string][] = [];
    for (const [key, name] of Object.entries(programs)) config.push([key, this.#program(elsewhere, name)]);
    config.push(["credential.helper", `!${this.#program(elsewhere, "credhelper")}`]);
    config.push(["alias.log", `!${this.#program(elsewhere, "aliaslog")}`], ["log.showSignature", "true"]);
    config.push(["pager.log", "true"], ["pager.diff", "true"], ["uploadpack.allowFilter", "true"]);
    config.push(["remote.evil.promisor", "true"], ["remote.evil.url", `ext::${this.#program(elsewhere, "promisor")}`]);
    config.push(["core.repositoryFormatVersion", "1"], ["extensions.partialClone", "evil"]);
    config.push(["protocol.ext.allow", "always"], ["gc.auto", "1"], ["format.pretty", "FMT %H"]);
    const included = join(elsewhere, "included.conf");
    writeFileSync(included, `[core]\n\tfsmonitor = ${this.#program(elsewhere, "fsmonitor-included")}\n`);
    config.push(["include.path", included]);
    const folder = join(elsewhere, "hooks");
    mkdirSync(folder, { recursive: true });
    for (const hook of hooks) {
      for (const place of [folder, join(this.folder, ".git", "hooks")]) this.#script(join(place, hook), `hook-${hook}`);
    }
    config.push(["core.hooksPath", folder]);
    const lines = config.map(([key, value]) => {
      const parts = key.split(".");
      const section = parts.length > 2 ? `[${parts[0]} "${parts.slice(1, -1).join(".")}"]` : `[${parts[0]}]`;
      return `${section}\n\t${parts.at(-1)} = "${value.replaceAll('"', '\\"')}"\n`;
    });
    writeFileSync(join(this.folder, ".git", "config"), `[core]\n\tbare = false\n${lines.join("")}`);
  }

  #program(elsewhere: string, name: string): string {
    return this.#script(join(elsewhere, `trip-${name}.sh`), name);
  }

  #script(file: string, name: string): string {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `#!/bin/sh\ntouch "${this.#trips}/${name}"\ncat\n`);
    chmodSync(file, 0o755);
    return file;
  }
}
