import { ChildProcesses } from "../../system/child-process.ts";
import { type IdeServer, nativeModulesOf } from "./ide-server.ts";

/** Loads each module in a process of its own making: one made for another Node or C library can end the process. */
const script = "for (const name of process.argv.slice(1)) require(name);";

/** Why an IDE server's native modules cannot be loaded by the Node that will run it; undefined if they can. */
export async function whyModulesDoNotLoad(ideServer: IdeServer): Promise<string | undefined> {
  const modules = await nativeModulesOf(ideServer.folder);
  const child = new ChildProcesses().spawn(ideServer.node, ["-e", script, ...modules], {
    workingFolder: ideServer.folder,
    environment: { PATH: process.env.PATH },
  });
  let output = "";
  child.stdout.resume();
  for await (const chunk of child.stderr.setEncoding("utf8")) output += String(chunk);
  const { code, signal, error } = await child.exited;
  if (code === 0) return undefined;
  if (error) return error.message;
  const line = output.split("\n").find((text) => /Error\b.*:/.test(text));
  return line?.trim() ?? `loading its native modules ended with ${signal ?? `exit code ${code}`}`;
}
