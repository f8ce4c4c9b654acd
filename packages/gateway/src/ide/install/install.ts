import { mkdir, realpath, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { sizeInWords } from "@waiide/protocol";
import { hasCode } from "../../base/error-code.ts";
import { GatewayError } from "../../base/errors.ts";
import { listFolder } from "../../system/missing-file.ts";
import { compressStaticFiles } from "../static/compress.ts";
import { describeIdeServer, findIdeServer, type IdeServer, inspectIdeServer } from "./ide-server.ts";
import { InstallRunningError } from "./install-lock.ts";
import { whyModulesDoNotLoad } from "./native-check.ts";
import { type IdeSource, serverIn, sourceOf } from "./sources.ts";
import { Staging } from "./staging.ts";
import { type InstallProgress, InstallSteps, installFailure, StepFailure } from "./steps.ts";

export interface InstallOptions {
  /** `npm`, a folder, or a .tar, .tar.gz or .tgz. */
  readonly from: string;
  /** The folder to install into; an IDE server that is there is replaced. */
  readonly to: string;
  /** Install again, even if what is there is complete and the same. */
  readonly force?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
  readonly onProgress?: (progress: InstallProgress) => void;
  /** Stops the installation: what it made is removed, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface InstallResult {
  readonly ideServer: IdeServer;
  /** `present`: the same server was there already. */
  readonly outcome: "installed" | "present";
}

const checkStep = "Check what is needed";
const compressStep = "Compress what browsers fetch";

/** Check, natives, compression and the final rename. */
const stepsAroundSource = 4;

/**
 * Installs an IDE server: brings it, completes it, makes sure that it can run here, compresses its static files, and only
 * then puts it in place. Throws INSTALL_FAILED, with the step, the reason and what to do.
 */
export async function installIdeServer(options: InstallOptions): Promise<InstallResult> {
  const { environment = process.env, onProgress = () => undefined, signal } = options;
  const { source, target, present } = await prepare(options);
  if (present) {
    await completeCompression(present, options);
    return { ideServer: present, outcome: "present" };
  }
  const steps = new InstallSteps(stepsAroundSource + source.steps.length, onProgress, signal);
  const staging = await steps.run(checkStep, async () => {
    await source.check(environment);
    await mkdir(dirname(target), { recursive: true });
    await checkTarget(target, await source.space());
    return await openStaging(target);
  });
  try {
    const finished = await build(source, staging, { environment, steps, signal });
    await steps.run("Put it in place", () => staging.commit(finished));
  } finally {
    await staging.close();
  }
  const ideServer = await inspectIdeServer(target);
  if (ideServer instanceof GatewayError) throw ideServer;
  return { ideServer, outcome: "installed" };
}

/** Silent where nothing is left to be done. */
async function completeCompression(present: IdeServer, { onProgress, signal }: InstallOptions): Promise<void> {
  const started = performance.now();
  const progress = { step: compressStep, index: 1, total: 1 };
  try {
    await compressStaticFiles(present, {
      signal,
      onProgress: (fraction) => onProgress?.({ ...progress, elapsed: performance.now() - started, fraction }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw installFailure(compressStep, error);
  }
}

interface Preparation {
  readonly source: IdeSource;
  /** Absolute; links on the way to what is there already are followed. */
  readonly target: string;
  /** The same server, if it is there and can run. */
  readonly present: IdeServer | undefined;
}

async function prepare({ from, to, force }: InstallOptions): Promise<Preparation> {
  try {
    const source = await sourceOf(from);
    const target = await realpath(resolve(to)).catch((error: unknown) => {
      if (hasCode(error, "ENOENT")) return resolve(to);
      throw error;
    });
    return { source, target, present: force === true ? undefined : await sameServerAt(target, source) };
  } catch (error) {
    throw installFailure(checkStep, error);
  }
}

async function sameServerAt(target: string, source: IdeSource): Promise<IdeServer | undefined> {
  const found = await inspectIdeServer(target);
  if (found instanceof GatewayError) return undefined;
  const wanted = await source.identify();
  const same =
    wanted !== undefined &&
    wanted.distribution === found.distribution.id &&
    wanted.release === found.release &&
    (wanted.commit === undefined || wanted.commit === found.commit);
  return same ? found : undefined;
}

/** Nothing but an IDE server is ever replaced, and there must be room for what is made. */
async function checkTarget(target: string, space: number): Promise<void> {
  if ((await listFolder(target)).length > 0 && (await findIdeServer(target)) === undefined) {
    throw new StepFailure(
      `${target} is not empty, and what it holds is no IDE server`,
      "Choose an empty folder, or one that does not exist yet, with --to.",
    );
  }
  const { bavail, bsize } = await statfs(dirname(target));
  const free = bavail * bsize;
  if (free < space) {
    throw new StepFailure(
      `${sizeInWords(space)} are needed in ${dirname(target)}, but only ${sizeInWords(free)} are free`,
      "Free some space, or choose another place with --to, then try again.",
    );
  }
}

async function openStaging(target: string): Promise<Staging> {
  try {
    return await Staging.open(target);
  } catch (error) {
    if (!(error instanceof InstallRunningError)) throw error;
    const advice = "Wait until it has finished. If that process is long gone, try again in a minute.";
    throw new StepFailure(error.message, advice, { cause: error });
  }
}

interface BuildContext {
  readonly environment: NodeJS.ProcessEnv;
  readonly steps: InstallSteps;
  readonly signal: AbortSignal | undefined;
}

/** Makes the server in the staging folder; returns its folder there. */
async function build(source: IdeSource, staging: Staging, context: BuildContext): Promise<string> {
  const { environment, steps, signal } = context;
  await mkdir(staging.folder);
  const compression = new EarlyCompression(signal);
  try {
    for (const step of source.steps) {
      await steps.run(step.name, () => step.run({ folder: staging.folder, environment, signal }));
      compression.start(staging.folder);
    }
    const folder = await steps.run("Check that it runs here", () => checkServer(staging.folder));
    await steps.run(compressStep, async (proceed) => {
      await compression.finish(proceed);
      await compress(folder, { onProgress: proceed, signal });
    });
    return folder;
  } finally {
    await compression.close();
  }
}

/**
 * Compressing workbench.js keeps one core busy for most of a minute. It begins as soon as that file is there: meanwhile
 * another core fetches and compiles the rest.
 */
class EarlyCompression {
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  #running: Promise<void> | undefined;
  #onProgress: (fraction: number) => void = () => undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal ? AbortSignal.any([signal, this.#ended.signal]) : this.#ended.signal;
  }

  start(staging: string): void {
    if (this.#running) return;
    const onProgress = (fraction: number) => this.#onProgress(fraction);
    this.#running = serverIn(staging).then((folder) => compress(folder, { onProgress, signal: this.#signal }));
    // A failure is reported by finish(), which comes later.
    this.#running.catch(() => undefined);
  }

  async finish(onProgress: (fraction: number) => void): Promise<void> {
    this.#onProgress = onProgress;
    await this.#running;
  }

  /** Ends it, however far it is; afterwards nothing writes into the staging folder any more. */
  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled([this.#running]);
  }
}

async function compress(
  folder: string,
  options: { onProgress: (fraction: number) => void; signal: AbortSignal | undefined },
): Promise<void> {
  const ideServer = await describeIdeServer(folder);
  if (typeof ideServer === "string") throw new Error(ideServer);
  await compressStaticFiles(ideServer, options);
}

/** Finds the server and makes sure that this machine can run it; returns its folder. */
async function checkServer(staging: string): Promise<string> {
  const ideServer = await inspectIdeServer(await serverIn(staging));
  const reason =
    ideServer instanceof GatewayError
      ? String(ideServer.details.reason ?? ideServer.message)
      : await whyModulesDoNotLoad(ideServer);
  if (reason !== undefined || ideServer instanceof GatewayError) {
    throw new StepFailure(
      `it cannot run here: ${reason}`,
      "Take one that was built for this machine; “waiide ide install --from npm” builds one here.",
    );
  }
  return ideServer.folder;
}
