import { copyPartSize, copyTargetHeader } from "@waiide/protocol";

/**
 * Takes the ticket out of the address bar, shows what a copy would consist of, and makes it when the person agrees. All that
 * others wrote is shown as text; characters that look like nothing are spelled out (RULES R17, R29).
 */
export const newCopyScript = `
const { base, proof } = document.body.dataset;
const element = (id) => document.getElementById(id);
const show = (id) => { for (const part of document.querySelectorAll("[data-step]")) part.hidden = part.id !== id; };
const query = new URLSearchParams(location.search);
const state = query.get("state") ?? "";
const ticket = location.hash.slice(1);
let shown = {};
const remember = (id) => history.replaceState(null, "", location.pathname + "?copy=" + encodeURIComponent(id));
if (ticket !== "") history.replaceState(null, "", location.pathname + location.search);

async function ask(path, method = "GET", body, type = "application/json") {
  const answer = await fetch(base + path, {
    method,
    headers: { Accept: "application/json", ...(body !== undefined && { "Content-Type": type }), "X-WAIIDE-Page": proof },
    credentials: "same-origin",
    cache: "no-store",
    body: body === undefined || type !== "application/json" ? body : JSON.stringify(body),
  });
  if (answer.status === 204) return undefined;
  if (!(answer.headers.get("Content-Type") ?? "").includes("json")) throw new TypeError("not the server");
  const content = await answer.json();
  if (answer.ok) return content;
  throw Object.assign(new Error(content.error.message + " " + content.error.action), { code: content.error.code });
}
const wordsOf = (error) => error instanceof TypeError ? "The server does not answer. Try again in a moment." : error.message;
function fail(error) {
  element("why").textContent = typeof error === "string" ? error : wordsOf(error);
  document.title = "No copy was made";
  show("failed");
}
const visible = (text) => text.replace(/[\\p{Cc}\\p{Cf}\\u2028\\u2029]/gu, (one) =>
  one === "\\n" || one === "\\t" ? one : "\\\\u{" + one.codePointAt(0).toString(16) + "}");
function sized(bytes) {
  const units = ["bytes", "KB", "MB", "GB"];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) { bytes /= 1000; at += 1; }
  return (at === 0 ? bytes : bytes.toFixed(1)) + " " + units[at];
}
function add(list, tag, text, name) {
  const one = document.createElement(tag);
  one.textContent = visible(text);
  if (name) one.className = name;
  list.append(one);
  return one;
}
function fill(id, texts) {
  element(id).replaceChildren();
  for (const text of texts) add(element(id), "li", text);
  element(id + "-part").hidden = texts.length === 0;
}
function fillRuns(id, runs) {
  element(id).replaceChildren();
  for (const { path, name, when, command } of runs) {
    const one = add(element(id), "li", "");
    add(one, "strong", name === "" ? path : name + " in " + path);
    add(one, "div", "Starts: " + when, "soft small");
    if (command !== "") add(one, "pre", command, "command").tabIndex = 0;
  }
  element(id + "-part").hidden = runs.length === 0;
  element(id + "-none").hidden = runs.length !== 0;
}
function showCopy(progress) {
  shown = progress;
  const { copy, folder, differences, runs, source } = progress;
  const from = copy.owner + (copy.commit === null ? "" : ", " + copy.commit.name);
  element("from").textContent = visible(from);
  element("source").textContent = source;
  element("count").textContent = copy.has_files
    ? copy.files + (copy.files === 1 ? " file, " : " files, ") + sized(copy.size)
    : "No files: only what describes the environment";
  const end = folder.lastIndexOf("/");
  element("parent").textContent = folder.slice(0, end + 1);
  element("name").value = folder.slice(end + 1);
  const words = { image: "Image of the server", python: "Python" };
  fill("differences", differences.map(({ what, theirs, yours }) =>
    words[what] + ": theirs is " + theirs + ", yours is " + (yours ?? "unknown")));
  fill("extensions", [...copy.extensions.map(({ id }) => id),
    ...copy.extensions_left_out.map((id) => id + " (no gallery has it)")]);
  fill("missing", copy.left_out);
  fillRuns("runs", runs);
  document.querySelector("h1").textContent = "Copy “" + copy.name + "” from " + visible(copy.owner) + "?";
  document.title = "Copy “" + copy.name + "”?";
  show("preview");
  element("go").focus();
}
const keyOf = ({ path, name, command }) => JSON.stringify([path, name, command]);
function showDone(progress) {
  const { copy, folder, runs, left_out, set_aside, set_up, id } = progress;
  const said = new Set(copy.runs.map(keyOf));
  const unsaid = runs.filter((run) => !said.has(keyOf(run)));
  element("folder").textContent = folder;
  element("open").href = base + "ide/?folder=" + encodeURIComponent(folder);
  element("unsaid").hidden = unsaid.length === 0;
  fillRuns("found", runs);
  fill("links", left_out);
  fill("aside", set_aside);
  element("set-up").hidden = set_up.length === 0;
  element("commands").textContent = set_up.join("\\n");
  element("set-up").onsubmit = async (event) => {
    event.preventDefault();
    element("run").disabled = true;
    try {
      await ask("api/copies/" + id + "/set-up", "POST", { commands: set_up });
      location.assign(element("open").href);
    } catch (error) {
      element("set-up-problem").textContent = wordsOf(error);
      element("run").disabled = false;
    }
  };
  document.querySelector("h1").textContent = "Your copy is ready";
  document.title = "Your copy is ready";
  show("done");
  element("open").focus();
}
const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
async function follow(id) {
  document.title = "Copying …";
  show("working");
  for (;;) {
    const progress = await ask("api/copies/" + id);
    if (progress.state === "done") return showDone(progress);
    if (progress.state === "failed") return fail(progress.problem);
    element("bar").max = Math.max(progress.copy.size, progress.received);
    element("bar").value = progress.received;
    element("phase").textContent = progress.state === "unpacking" ? "Checking and unpacking …" : sized(progress.received) + " so far …";
    await wait(500);
  }
}
// Where servers may not talk to each other, the browser fetches from one and gives to the other.
const theirs = (what) => fetch(shown.source + what, {
  headers: { Authorization: "Bearer " + ticket, "${copyTargetHeader}": shown.to },
  credentials: "same-origin",
  cache: "no-store",
  redirect: "error",
});
async function describe() {
  shown = await ask("api/copies/source?state=" + encodeURIComponent(state));
  const answer = await theirs("copy.json");
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error?.message ?? "The owner's server did not hand over the copy.");
  return content;
}
async function carry(id) {
  let answer = await theirs("archive.zip");
  for (let tries = 0; answer.status === 503 && tries < 60; tries += 1) {
    await wait(1000 * Math.min(Number(answer.headers.get("Retry-After")) || 5, 30));
    answer = await theirs("archive.zip");
  }
  if (!answer.ok) throw new Error((await answer.json()).error?.message ?? "The owner's server did not hand over the copy.");
  let [offset, parts, size] = [0, [], 0];
  const send = async (last) => {
    const body = new Blob(parts);
    const what = "api/copies/" + id + "/archive?offset=" + offset + (last ? "&last=true" : "");
    await ask(what, "PUT", body, "application/zip");
    [offset, parts, size] = [offset + body.size, [], 0];
  };
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return send(true);
    for (let at = 0; at < value.length; ) {
      const piece = value.subarray(at, at + ${copyPartSize} - size);
      parts.push(piece);
      [at, size] = [at + piece.length, size + piece.length];
      if (size === ${copyPartSize}) await send(false);
    }
  }
}
element("preview").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { id, folder, carried } = shown;
  const name = element("name").value;
  element("go").disabled = true;
  element("problem").textContent = "";
  try {
    await ask("api/copies/" + id + "/accept", "POST", folder.endsWith("/" + name) ? {} : { name });
  } catch (error) {
    element("problem").textContent = wordsOf(error);
    element("go").disabled = false;
    return element("name").focus();
  }
  remember(id);
  try {
    const carrying = carried ? carry(id).catch(async (error) => { await ask("api/copies/" + id, "DELETE"); throw error; }) : undefined;
    await Promise.all([carrying, follow(id)]);
  } catch (error) {
    fail(error);
  }
});
element("cancel").addEventListener("click", async () => {
  try { await ask("api/copies/" + shown.id, "DELETE"); location.assign(base); } catch (error) { fail(error); }
});
element("stop").addEventListener("click", () => ask("api/copies/" + shown.id, "DELETE").catch(fail));
async function begin() {
  const id = query.get("copy");
  try {
    if (id !== null) {
      shown = await ask("api/copies/" + encodeURIComponent(id));
      return shown.state === "shown" ? showCopy(shown) : await follow(id);
    }
    if (ticket === "") return show("incomplete");
    let progress;
    try {
      progress = await ask("api/copies", "POST", { state, ticket });
    } catch (error) {
      if (error.code !== "COPY_UNREACHABLE") throw error;
      const copy = await describe().catch((cause) => { throw cause instanceof TypeError ? error : cause; });
      progress = await ask("api/copies", "POST", { state, ticket, copy });
    }
    showCopy(progress);
  } catch (error) {
    fail(error);
  }
}
begin();
`;
