// Runs in a hostile app's page, as a guest's browser shows it. Each attempt's outcome goes into the page: a value, or the
// name of the error that the browser gave.
const share = location.pathname.slice(0, location.pathname.indexOf("app/"));
const mount = share.replace(/share\/[^/]+\/$/, "");
const asked = new URLSearchParams(location.search);
/** A program of the owner's that is not shared, and what another site hears. */
const neighbor = `${mount}proxy/${asked.get("neighbor")}/`;
const elsewhere = `http://localhost:${asked.get("neighbor")}/elsewhere`;
const newShare = JSON.stringify({ permission: "Terminal Access" });

const until = (start) => new Promise((resolve, reject) => start(resolve, reject));
const withCookies = { credentials: "include" };
const blind = { ...withCookies, mode: "no-cors" };

function socket(path) {
  return until((resolve) => {
    const opened = new WebSocket(new URL(path, location.href.replace(/^http/, "ws")));
    opened.onopen = () => resolve("open");
    opened.onerror = () => resolve("refused");
  });
}

/** Loads an element, and says whether that worked. */
function load(name, properties) {
  return until((resolve) => {
    const element = Object.assign(document.createElement(name), properties);
    element.onload = () => resolve("loaded");
    element.onerror = () => resolve("refused");
    document.body.append(element);
  });
}

/** A frame, and whether this page can look into it. */
function frame(properties) {
  return until((resolve) => {
    const element = Object.assign(document.createElement("iframe"), properties);
    element.onload = () => resolve(element.contentDocument === null ? "closed" : "readable");
    document.body.append(element);
  });
}

function submit(properties, fields = {}) {
  const form = Object.assign(document.createElement("form"), properties);
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  form.submit();
  return "sent";
}

const attempts = {
  // Control: what an app may do.
  "ask its own server": async () => (await fetch("own")).status,
  "open a WebSocket of its own": () => socket("own"),
  "its origin": () => self.origin,
  "where it comes from": () => document.referrer,

  "read cookies": () => document.cookie,
  "set a cookie": () => {
    // biome-ignore lint/suspicious/noDocumentCookie: it is what a hostile page does
    document.cookie = "hostile=1; path=/";
    return "set";
  },
  "read the storage of the origin": () => localStorage.length,
  "read the storage of the tab": () => sessionStorage.length,
  "open a database": () =>
    until((resolve, reject) => {
      const opening = indexedDB.open("hostile");
      opening.onsuccess = () => resolve("open");
      opening.onerror = () => reject(opening.error);
    }),
  "open a cache": async () => (await caches.open("hostile")) && "open",
  "hold a lock": () => navigator.locks.request("hostile", () => "held"),
  "register a service worker": async () => (await navigator.serviceWorker.register("worker.js")) && "registered",
  "register one for the whole server": async () =>
    (await navigator.serviceWorker.register(`${mount}worker.js`, { scope: mount })) && "registered",
  "start a shared worker": () => new SharedWorker("worker.js") && "started",
  "ask for storage access": async () => (await document.requestStorageAccess()) ?? "granted",

  "read the page around it": () => parent.document.title,
  "read the address of the page around it": () => parent.location.href,
  "call a function of the page around it": () => parent.eval("1"),
  "replace the page around it": () => {
    top.location = neighbor;
    return "asked";
  },
  "replace it by a form": () => submit({ action: neighbor, target: "_top" }),
  "replace it by a link": () => {
    const link = Object.assign(document.createElement("a"), { href: neighbor, target: "_top" });
    document.body.append(link);
    link.click();
    return "asked";
  },
  "write to the page around it": () => {
    for (const type of ["app", "closed", "welcome", "input"]) parent.postMessage({ type, reason: "revoked" }, "*");
    return "sent";
  },
  "show another address of its own": () => {
    const before = location.href;
    history.replaceState({}, "", `${mount}hub/login`);
    history.replaceState({}, "", before);
    return "shown in the frame";
  },

  "read the owner's shares": () => fetch(`${mount}api/share/list`, withCookies),
  "ask for the owner's shares": async () => (await fetch(`${mount}api/share/list`, blind)).type,
  "make a share": async () =>
    (await fetch(`${mount}api/share/create`, { ...blind, method: "POST", body: newShare })).type,
  "make a share with JSON": () =>
    fetch(`${mount}api/share/create`, {
      ...withCookies,
      method: "POST",
      body: newShare,
      headers: { "content-type": "application/json" },
    }),
  "make a share by a beacon": () => navigator.sendBeacon(`${mount}api/share/create`, newShare),
  "revoke this share": () =>
    fetch(`${mount}api/share/revoke/${share.split("/").at(-2)}`, { ...withCookies, method: "DELETE" }),
  "let the guest leave": async () => (await fetch(`${share}leave`, { ...blind, method: "POST" })).type,
  "let the guest leave by a beacon": () => navigator.sendBeacon(`${share}leave`, ""),
  "read with XMLHttpRequest": () =>
    until((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.withCredentials = true;
      request.open("GET", `${share}about`);
      request.onload = () => resolve(request.responseText);
      request.onerror = () => reject(new TypeError("refused"));
      request.send();
    }),
  "read the share's page": () => fetch(share, withCookies),
  "ask the app without a token": async () => (await fetch(`${share}app/`, withCookies)).status,
  "open the guest's session": () => socket(`${share}api/session`),
  "open the owner's IDE": () => socket(mount),
  "follow the owner's events": () =>
    until((resolve) => {
      const events = new EventSource(`${mount}api/share/events`, { withCredentials: true });
      events.onopen = () => resolve("open");
      events.onerror = () => {
        events.close();
        resolve("refused");
      };
    }),

  "ask another program of the owner": async () => (await fetch(neighbor, blind)).type,
  "send to another program": async () => (await fetch(neighbor, { ...blind, method: "POST", body: "a=1" })).type,
  "connect to another program": () => socket(neighbor),
  "show a picture of another program": () => load("img", { src: `${neighbor}picture` }),
  "run a script of another program": () => load("script", { src: `${neighbor}script` }),
  "run the owner's shares as a script": () => load("script", { src: `${mount}api/share/list` }),
  "frame another program": () => frame({ src: neighbor }),
  "frame it with an origin": () =>
    frame({ sandbox: "allow-scripts allow-same-origin allow-top-navigation", src: neighbor }),
  "frame the share's page": () => frame({ src: share }),
  "frame the owner's apps": () => frame({ src: `${mount}apps/` }),
  "send a form into a frame": () => {
    document.body.append(Object.assign(document.createElement("iframe"), { name: "inner" }));
    return submit({ action: neighbor, method: "POST", target: "inner" });
  },
  "fetch ahead": () => {
    for (const rel of ["prefetch", "preload", "prerender", "modulepreload"]) {
      document.head.append(Object.assign(document.createElement("link"), { rel, as: "fetch", href: neighbor }));
    }
    return "asked";
  },

  "tell another site the address": async () => (await fetch(elsewhere, { mode: "no-cors" })).type,
  "use the microphone": async () => (await navigator.mediaDevices.getUserMedia({ audio: true })) && "recording",
  "use the location": () =>
    until((resolve, reject) => {
      navigator.geolocation.getCurrentPosition(
        () => resolve("known"),
        ({ code }) => reject(new TypeError(`refused: ${code}`)),
      );
    }),
  "show notifications": () => Notification.requestPermission(),
  "read the clipboard": () => navigator.clipboard.readText(),
  "lock the pointer": () =>
    until((resolve) => {
      document.addEventListener("pointerlockchange", () => resolve("locked"));
      document.addEventListener("pointerlockerror", () => resolve("refused"));
      document.body.requestPointerLock()?.catch(() => undefined);
    }),
  "cover the page around it": () => {
    document.body.append(
      Object.assign(document.createElement("div"), {
        style: "position: fixed; inset: -300px; z-index: 2147483647; background: red",
        id: "cover",
      }),
    );
    const dialog = document.createElement("dialog");
    document.body.append(dialog);
    dialog.showModal();
    dialog.remove();
    document.getElementById("cover").remove();
    return "within the frame";
  },
};

let opened;
/** What only a click of the guest permits. */
const clicks = {
  "full-screen": async () => {
    await document.documentElement.requestFullscreen();
    return "full";
  },
  "open-neighbor": () => {
    opened = open(neighbor, "w1");
    return opened === null ? "blocked" : "opened";
  },
  "read-window": () => opened.document.body.innerText,
  "open-itself": () => open("inner?page=1", "w2") && "opened",
  "link-neighbor": () => {
    const link = Object.assign(document.createElement("a"), {
      href: `${neighbor}link`,
      target: "_blank",
      rel: "opener",
    });
    document.body.append(link);
    link.click();
    return "opened";
  },
  "post-share": () =>
    submit({ action: `${mount}api/share/create`, method: "POST", target: "w3" }, { permission: "edit" }),
  "leave-frame": () => {
    location.href = neighbor;
    return "asked";
  },
};

const results = {};
async function note(name, attempt) {
  try {
    results[name] = String(await attempt());
  } catch (error) {
    results[name] = error?.name ?? String(error);
  }
  document.getElementById("out").textContent = JSON.stringify(results);
}

for (const [id, attempt] of Object.entries(clicks)) {
  const button = Object.assign(document.createElement("button"), { id, textContent: id });
  button.addEventListener("click", () => note(id, attempt));
  document.getElementById("buttons").append(button);
}
(async () => {
  for (const [name, attempt] of Object.entries(attempts)) await note(name, attempt);
  document.body.dataset.done = "yes";
})();
