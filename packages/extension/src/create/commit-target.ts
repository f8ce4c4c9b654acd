import { type Event, extensions, type Uri, window } from "vscode";
import { t } from "../text/translation.ts";
import { harmless } from "../text/words.ts";
import type { Draft } from "./draft.ts";
import { pickOne } from "./questions.ts";

/** Of the built-in git extension's API, version 1, what is needed here. */
interface GitApi {
  readonly state: "uninitialized" | "initialized";
  readonly onDidChangeState: Event<GitApi["state"]>;
  readonly repositories: readonly GitRepository[];
}
interface GitRepository {
  readonly rootUri: Uri;
  readonly state: { readonly HEAD?: { readonly name?: string } };
  log(options: { readonly maxEntries: number }): Promise<GitCommit[]>;
  getBranches(query: { readonly remote: boolean }): Promise<{ readonly name?: string }[]>;
}
interface GitCommit {
  readonly hash: string;
  readonly message: string;
  readonly authorName?: string;
}

/** Commits to choose from. */
const maxCommits = 200;

/** Asks which commit, or which branch, is shared. @returns undefined if there is nothing to choose, or the user gave up */
export async function chooseCommit(what: "commit" | "branch"): Promise<Draft | undefined> {
  const repository = await chooseRepository();
  if (repository === undefined) return undefined;
  const target = what === "commit" ? await commitOf(repository) : await branchOf(repository);
  return target && { root: repository.rootUri.fsPath, level: "view", target };
}

async function chooseRepository(): Promise<GitRepository | undefined> {
  const repositories = (await gitApi())?.repositories ?? [];
  if (repositories.length === 0) {
    void window.showInformationMessage(t("VS Code knows no git repository in the open folder."));
    return undefined;
  }
  if (repositories.length === 1) return repositories[0];
  return chosen(
    t("Share"),
    t("Which repository?"),
    repositories.map((value) => ({ value, label: harmless(value.rootUri.path.split("/").at(-1) ?? ""), icon: "repo" })),
  );
}

async function commitOf(repository: GitRepository): Promise<Draft["target"] | undefined> {
  const commits = await repository.log({ maxEntries: maxCommits });
  const ref = await chosen(
    t("Share Commit"),
    t("Which commit?"),
    commits.map(({ hash, message, authorName }) => ({
      value: hash,
      label: harmless(message.split("\n")[0] ?? ""),
      description: `${hash.slice(0, 10)} ${harmless(authorName ?? "")}`,
      icon: "git-commit",
    })),
  );
  return ref === undefined ? undefined : withTaking(t("Share Commit"), ref, false);
}

async function branchOf(repository: GitRepository): Promise<Draft["target"] | undefined> {
  const branches = await repository.getBranches({ remote: false });
  const names = branches.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const head = repository.state.HEAD?.name;
  const name = await chosen(
    t("Share Branch"),
    t("Which branch?"),
    names
      .sort((one, other) => Number(other === head) - Number(one === head))
      .map((value) => ({ value, label: harmless(value), icon: "git-branch" })),
  );
  if (name === undefined) return undefined;
  const follow = await chosen(t("Share Branch"), t("When you commit to it later, what do guests see?"), [
    { value: true, label: t("New Commits As They Come"), icon: "sync" },
    { value: false, label: t("Only What Is There Now"), icon: "pin" },
  ]);
  return follow === undefined ? undefined : withTaking(t("Share Branch"), `refs/heads/${name}`, follow);
}

/** A history holds more than it seems; the command line shows what, before it is shared. */
async function withTaking(title: string, ref: string, follow: boolean): Promise<Draft["target"] | undefined> {
  const taking = await chosen(title, t("What may guests take with them?"), [
    {
      value: { get: "snapshot", propose: false } as const,
      label: t("The Files, Without Their History"),
      icon: "cloud-download",
    },
    {
      value: { get: "snapshot", propose: true } as const,
      label: t("The Files, and Propose Changes"),
      description: t("guests who are logged in at the hub"),
      icon: "git-pull-request",
    },
    { value: { get: "none", propose: false } as const, label: t("Nothing"), icon: "eye" },
  ]);
  return taking && { kind: "commit", ref, follow, ...taking };
}

async function chosen<Value>(
  title: string,
  placeholder: string,
  choices: readonly {
    readonly value: Value;
    readonly label: string;
    readonly description?: string;
    readonly icon: string;
  }[],
): Promise<Value | undefined> {
  const answer = await pickOne({ title, placeholder, choices: [...choices], position: { step: 1, of: 1 } });
  return answer === undefined || answer === "back" ? undefined : answer.value;
}

async function gitApi(): Promise<GitApi | undefined> {
  const extension = extensions.getExtension<{ getAPI(version: 1): GitApi }>("vscode.git");
  if (extension === undefined) return undefined;
  const api = (extension.isActive ? extension.exports : await extension.activate()).getAPI(1);
  if (api.state !== "initialized") await initialized(api);
  return api;
}

/** It looks for repositories first. */
function initialized(api: GitApi): Promise<void> {
  return new Promise((resolve) => {
    const listening = api.onDidChangeState((state) => {
      if (state !== "initialized") return;
      listening.dispose();
      resolve();
    });
  });
}
