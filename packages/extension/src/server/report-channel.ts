import { type OutputChannel, window } from "vscode";

const channels = new Map<string, OutputChannel>();

/** The output channel with this name. VS Code would create a new one each time, and list all of them. */
export function reportChannel(name: string, language?: string): OutputChannel {
  const known = channels.get(name);
  if (known !== undefined) return known;
  const channel =
    language === undefined ? window.createOutputChannel(name) : window.createOutputChannel(name, language);
  channels.set(name, channel);
  return channel;
}
