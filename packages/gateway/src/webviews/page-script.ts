import { probeLabel, uuid } from "./webview-origin.ts";

/** Timeouts for an answer, and after a frame has loaded: for a dead address browsers load an error page. Milliseconds. */
const patience = { answer: 3_000, afterLoad: 1_000 } as const;

const unreachable =
  "Previews, notebook outputs and other webviews cannot be shown: this browser does not reach {0}, where they are to be loaded from. An administrator of this server chose that address (webview-origin).";

/**
 * Runs in the IDE's page: finds the origin for webviews that this browser reaches, writes it into the page's settings, and then
 * starts the workbench, which the page loads meanwhile. Its input is the element's `data-webviews`.
 */
export const webviewsScript = `"use strict";
{
  const script = document.currentScript;
  const { endpoints, host, instance, probed, fallsBack, report } = JSON.parse(script.dataset.webviews);

  const answers = (endpoint) => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    const end = (isUsable) => {
      removeEventListener("message", hear);
      frame.remove();
      resolve(isUsable);
    };
    const hear = ({ source, data }) => {
      if (source === frame.contentWindow && data?.waiide === instance) end(data.usable === true);
    };
    addEventListener("message", hear);
    frame.addEventListener("load", () => setTimeout(end, ${patience.afterLoad}, false));
    setTimeout(end, ${patience.answer}, false);
    frame.hidden = true;
    frame.src = endpoint.replace("${uuid}", "${probeLabel}") + "probe.html";
    document.body.append(frame);
  });

  const choose = async () => {
    if (!probed) return endpoints[0];
    // A proxy in front changed the Host, so local addresses do not lead to this browser's machine.
    if (fallsBack && location.host !== host) return undefined;
    const tried = endpoints.map((endpoint) => answers(endpoint));
    for (const [index, isUsable] of tried.entries()) if (await isUsable) return endpoints[index];
    return undefined;
  };

  const use = (endpoint) => {
    const element = document.getElementById("vscode-workbench-web-configuration");
    const settings = JSON.parse(element.dataset.settings);
    element.dataset.settings = JSON.stringify({ ...settings, webviewEndpoint: endpoint });
  };

  const complain = () => {
    const notice = document.createElement("div");
    notice.setAttribute("role", "alert");
    notice.style.cssText = \`position: fixed; bottom: 0; left: 50%; transform: translateX(-50%); z-index: 10000;
      box-sizing: border-box; width: max-content; max-width: 100%; padding: 10px 16px; font: 13px/1.5 system-ui, sans-serif;
      color: CanvasText; background: Canvas; border: 1px solid GrayText; border-bottom: none\`;
    const close = document.createElement("button");
    close.textContent = "Close";
    close.style.marginLeft = "12px";
    close.addEventListener("click", () => notice.remove());
    notice.append(${JSON.stringify(unreachable)}.replace("{0}", endpoints[0]), close);
    document.body.append(notice);
  };

  const parsed = new Promise((resolve) => addEventListener("DOMContentLoaded", resolve, { once: true }));
  const chosen = choose().then((endpoint) => {
    if (endpoint !== undefined) use(endpoint);
    else if (!fallsBack) {
      use(endpoints[0]);
      complain();
    }
    const separated = endpoint !== undefined || !fallsBack;
    fetch(report, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ separated }) })
      .catch((error) => console.warn("WAIIDE was not told where webviews are loaded from", error));
  });
  // After the page's own modules, which the workbench needs.
  Promise.all([parsed, chosen]).then(() => {
    const workbench = document.createElement("script");
    workbench.type = "module";
    workbench.src = script.dataset.workbench;
    document.body.append(workbench);
  });
}
`;
