import { html } from "../http/pages/html.ts";
import { type Page, renderPage } from "../http/pages/page.ts";
import { newCopyScript } from "./new-copy-script.ts";

export interface NewCopyPageContent {
  readonly baseUrl: string;
  /** Proves that a request comes from this page (RULES R5). */
  readonly proof: string | undefined;
}

const style = `
ul { margin: .3rem 0 0; padding-inline-start: 1.2rem; }
li { margin: .35rem 0; overflow-wrap: anywhere; }
pre.command { height: auto; max-height: 12rem; margin: .3rem 0; padding: .4rem .7rem; }
progress { width: 100%; height: .8rem; accent-color: var(--accent); }
.place { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem; }
.place input { width: auto; flex: 1 1 10rem; margin: 0; }
dt:has(label) { align-self: center; }
dt label { margin: 0; font: inherit; color: inherit; }
.choices { display: flex; flex-wrap: wrap; align-items: center; gap: 1.25rem; margin: 1.4rem 0 0; }
a.button { font-weight: 600; padding: .5rem 1.15rem; border-radius: 8px; text-decoration: none; background: var(--accent); color: var(--on-accent); }
button.plain { background: none; color: var(--accent); }
`;

/** RULES R29: what a copy of a share would consist of; the copy, with progress; and what to do with it. */
export function newCopyPage({ baseUrl, proof = "" }: NewCopyPageContent): Page {
  return renderPage({
    title: "A copy of a share",
    data: { base: baseUrl, proof },
    script: newCopyScript,
    style,
    body: html`<noscript><p>This page needs JavaScript.</p></noscript>
<div id="wait" data-step role="status"><p class="phase"><span class="spinner" aria-hidden="true"></span>Asking the owner's server …</p></div>
<div id="incomplete" data-step role="alert" hidden><p class="bad">This page begins at a share.</p>
<p>Open the share and press “Make My Own Copy” there.</p></div>
<div id="failed" data-step role="alert" hidden><p class="bad" id="why"></p><p><a href="${baseUrl}">Open the IDE</a></p></div>
<form id="preview" data-step hidden>
<dl>
<dt>From</dt><dd><strong id="from"></strong><br><span id="source" class="soft small"></span></dd>
<dt>What</dt><dd id="count"></dd>
<dt><label for="name">Goes to</label></dt><dd class="place"><span id="parent"></span><input id="name" name="name" type="text" maxlength="100" autocomplete="off" required></dd>
</dl>
<div id="differences-part"><h2>What is different here</h2><ul id="differences"></ul></div>
<div id="runs-part"><h2>What could run by itself, as the owner's server says</h2>
<p class="small">Nothing of it runs now: the copy opens in Restricted Mode.</p><ul id="runs"></ul></div>
<p id="runs-none">The owner's server says that nothing in it runs by itself. The copy opens in Restricted Mode all the same.</p>
<div id="extensions-part"><h2>Extensions that the owner uses</h2>
<p class="small">None of them is installed with the copy. Your IDE lists those that you do not have, and asks which to install.</p><ul id="extensions"></ul></div>
<div id="missing-part"><h2>Not in the copy</h2><ul id="missing"></ul></div>
<p id="problem" class="bad" role="alert"></p>
<p class="choices"><button id="go" type="submit">Copy</button><button id="cancel" class="plain" type="button">Cancel</button></p>
</form>
<div id="working" data-step hidden>
<p class="phase"><span class="spinner" aria-hidden="true"></span><span id="phase" role="status">Copying …</span></p>
<progress id="bar" aria-label="Progress of the copy"></progress>
<p class="soft small">Keep this page open.</p>
<p class="choices"><button id="stop" class="plain" type="button">Cancel</button></p>
</div>
<div id="done" data-step hidden>
<p>It is in <code id="folder"></code> and opens in Restricted Mode: until you trust it, VS Code starts nothing in it.</p>
<p class="choices"><a id="open" class="button" href="${baseUrl}">Open</a></p>
<p id="unsaid" class="bad" role="alert">The files hold more that could run than the owner's server had said. Look at it before you trust the folder.</p>
<form id="set-up" hidden>
<h2>Set up</h2>
<p class="small">These commands prepare the folder. They come from its files, and run as you, in a terminal that you see, only if you press the button.</p>
<pre id="commands" class="command" tabindex="0"></pre>
<p id="set-up-problem" class="bad" role="alert"></p>
<p><button id="run" type="submit">Open and Set Up</button></p>
</form>
<div id="found-part"><h2>What could run by itself, as its files say</h2><ul id="found"></ul></div>
<p id="found-none" class="soft">No file in it runs by itself.</p>
<div id="aside-part"><h2>Set aside</h2>
<p class="small">These files would start tasks when the folder opens. Rename them to use them.</p><ul id="aside"></ul></div>
<div id="links-part"><h2>Links, which were not copied</h2><ul id="links"></ul></div>
</div>`,
  });
}
