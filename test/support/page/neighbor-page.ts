/** What another user's page tries against the server of the person who has it open. */
export interface Target {
  /** Path of the server, begins and ends with `/`. */
  readonly prefix: string;
  /** A page, below the prefix. */
  readonly page: string;
  /** What the page shows to nobody but the person. */
  readonly mark: string;
  /** What the API is asked to change, below the prefix, and with what. */
  readonly change: string;
  readonly body: string;
  /** Below the prefix. */
  readonly socket: string;
}

/** What came of each way: a status, `opened`, `read`, or why not. */
export type Tried = Readonly<Record<string, number | string>>;

/** Runs in the page of the other user: nothing of this module is there. */
export async function attack({ prefix, page, mark, change, body, socket }: Target): Promise<Tried> {
  const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
  const status = async (path: string, options?: RequestInit) => {
    try {
      return (await fetch(prefix + path, options)).status;
    } catch (error) {
      return String(error);
    }
  };
  const opens = () =>
    new Promise<string>((resolve) => {
      const opened = new WebSocket(`${location.origin.replace("http", "ws")}${prefix}${socket}`);
      opened.onopen = () => resolve("opened");
      opened.onerror = () => resolve("refused");
    });
  /** Looks for a while, as a page may take its time. */
  const reads = async (find: () => Document | null | undefined) => {
    // By the clock: browsers slow down the timers of a page that is not in front.
    for (const end = performance.now() + 6_000; performance.now() < end; ) {
      await pause(100);
      try {
        if (find()?.documentElement?.outerHTML.includes(mark)) return "read";
      } catch {
        return "refused";
      }
    }
    return "refused";
  };
  const frame = (tag: "iframe" | "object") => {
    const element = document.createElement(tag);
    element.setAttribute(tag === "iframe" ? "src" : "data", prefix + page);
    document.body.append(element);
    return reads(() => element.contentDocument);
  };
  const window_ = (path: string) => {
    const opened = window.open(prefix + path);
    return reads(() => opened?.document).finally(() => opened?.close());
  };
  const loads = (tag: "img" | "script", path: string) =>
    new Promise<string>((resolve) => {
      const element = document.createElement(tag);
      element.onload = () => resolve("loaded");
      element.onerror = () => resolve("refused");
      element.src = prefix + path;
      document.body.append(element);
    });
  /** What became of it, the server tells: nothing can be seen of it here. */
  const form = async () => {
    const target = document.createElement("iframe");
    target.name = "target";
    const sent = document.createElement("form");
    Object.assign(sent, { method: "post", action: prefix + change, target: "target" });
    document.body.append(target, sent);
    sent.submit();
    await pause(1_000);
  };
  await form();
  const answers = {
    "fetch of the page": await status(page),
    "GET of the API": await status("api/status"),
    "GET of the API without a mode": await status("api/status", { mode: "same-origin" }),
    "POST to the API": await status(change, { method: "POST", body }),
    "DELETE at the API": await status(change, { method: "DELETE" }),
    WebSocket: await opens(),
  };
  // Each refusal of these takes the whole time of `reads`, so they run side by side.
  const [inFrame, inObject, inWindow, apiInWindow] = await Promise.all([
    frame("iframe"),
    frame("object"),
    window_(page),
    window_("api/status"),
  ]);
  return {
    ...answers,
    "frame read": inFrame,
    "object read": inObject,
    "opened window read": inWindow,
    "API in a window read": apiInWindow,
    "API as a script": await loads("script", "api/status"),
    "API as a picture": await loads("img", "api/status"),
  };
}
