import type { Shared } from "@waiide/protocol";
import type { Session } from "../session/session.ts";
import type { Bar } from "./bar.ts";

/** A button that opens the page for copies, while the owner lets others make their own. */
export function offerCopy(session: Session, bar: Bar): void {
  const button = bar.addTool("Make My Own Copy", () => {
    open(new URL("copy", location.href), "_blank", "noopener");
  });
  const show = ({ copies = false }: Shared) => {
    button.hidden = !copies;
  };
  show(session.welcome.share);
  session.onShare.listen(show);
}
