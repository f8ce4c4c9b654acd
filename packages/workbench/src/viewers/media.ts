import { element } from "../page/element.ts";
import { downloadLink, type Viewed } from "./viewer.ts";

const types: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  flac: "audio/flac",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  wav: "audio/wav",
  weba: "audio/webm",
  m4v: "video/mp4",
  mov: "video/mp4",
  mp4: "video/mp4",
  ogv: "video/ogg",
  webm: "video/webm",
};

/**
 * Sound and video in the browser's own player. The player fetches parts of the file where it accepts the address as it is;
 * otherwise the whole file is read first.
 */
export async function show(viewed: Viewed): Promise<void> {
  const { container, name, address, store } = viewed;
  const type = types[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "video/mp4";
  const player = element(type.startsWith("audio/") ? "audio" : "video", { controls: "", preload: "metadata" });
  player.setAttribute("aria-label", name);
  const about = element("p", { role: "status" });
  container.classList.add("centred");
  container.replaceChildren(player, about, downloadLink(viewed));
  let made: string | undefined;
  store.add({
    dispose() {
      player.pause();
      player.removeAttribute("src");
      player.load();
      if (made !== undefined) URL.revokeObjectURL(made);
    },
  });
  player.addEventListener("error", () => {
    if (store.isDisposed) return;
    if (made !== undefined) {
      about.textContent = "The browser cannot play this file.";
      return;
    }
    made = "";
    viewed.read().then(
      (bytes) => {
        if (store.isDisposed) return;
        made = URL.createObjectURL(new Blob([bytes], { type }));
        player.src = made;
      },
      () => {
        about.textContent = "The file could not be read.";
      },
    );
  });
  player.src = address;
}
