import { getService } from "@codingame/monaco-vscode-api";
import { Codicon } from "@codingame/monaco-vscode-api/vscode/vs/base/common/codicons";
import type { CommentThread } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/languages";
import { IModelService } from "@codingame/monaco-vscode-api/vscode/vs/editor/common/services/model.service";
import { MenuId, MenuRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/actions/common/actions";
import { CommandsRegistry } from "@codingame/monaco-vscode-api/vscode/vs/platform/commands/common/commands";
import {
  ContextKeyExpr,
  type ContextKeyExpression,
} from "@codingame/monaco-vscode-api/vscode/vs/platform/contextkey/common/contextkey";
import { INotificationService } from "@codingame/monaco-vscode-api/vscode/vs/platform/notification/common/notification.service";
import type { Addresses } from "../files/addresses.ts";
import { loadComments } from "../overrides/late-comments.ts";
import type { Session } from "../session/session.ts";
import { CommentController } from "./comment-controller.ts";
import { controllerId } from "./page-thread.ts";

/** As VS Code's menus of comments pass them. */
interface Written {
  readonly thread: CommentThread;
  readonly text: string;
}
interface OfThread {
  readonly commentThreadHandle: number;
}
interface OfComment {
  readonly thread: OfThread;
  readonly commentUniqueId: number;
}

const ours = ContextKeyExpr.equals("commentController", controllerId);
const when = (key: string, value: string) =>
  ContextKeyExpr.and(ours, ContextKeyExpr.equals(key, value)) as ContextKeyExpression;

/** Shows the comments of the share in its files, with VS Code's own commands and keys. */
export async function startComments(session: Session, addresses: Addresses): Promise<void> {
  const comments = await loadComments();
  const notifications = await getService(INotificationService);
  const models = await getService(IModelService);
  const say = (message: string) => notifications.warn(message);
  const controller = new CommentController({ session, addresses, comments, models, say });
  registerCommands(controller);
  const offer = (isOn: boolean) => {
    const isOffered = comments.getCommentController(controllerId) !== undefined;
    if (isOn && !isOffered) comments.registerCommentController(controllerId, controller);
    if (!isOn && isOffered) comments.unregisterCommentController(controllerId);
  };
  session.onShare.listen(({ talk }) => offer(talk));
  offer(session.welcome.share.talk);
}

function registerCommands(controller: CommentController): void {
  CommandsRegistry.registerCommand("waiide.comments.write", (_accessor, { thread, text }: Written) =>
    controller.write(thread, text),
  );
  CommandsRegistry.registerCommand("waiide.comments.resolve", (_accessor, { commentThreadHandle }: OfThread) =>
    controller.resolve(commentThreadHandle, true),
  );
  CommandsRegistry.registerCommand("waiide.comments.unresolve", (_accessor, { commentThreadHandle }: OfThread) =>
    controller.resolve(commentThreadHandle, false),
  );
  CommandsRegistry.registerCommand("waiide.comments.delete", (_accessor, { thread, commentUniqueId }: OfComment) =>
    controller.delete(thread.commentThreadHandle, commentUniqueId),
  );
  MenuRegistry.appendMenuItem(MenuId.CommentThreadActions, {
    command: {
      id: "waiide.comments.write",
      title: "Comment",
      precondition: ContextKeyExpr.has("commentIsEmpty").negate(),
    },
    group: "inline@1",
    when: ours,
  });
  MenuRegistry.appendMenuItem(MenuId.CommentThreadTitle, {
    command: { id: "waiide.comments.resolve", title: "Mark as Resolved", icon: Codicon.pass },
    group: "navigation",
    when: when("commentThread", "open"),
  });
  MenuRegistry.appendMenuItem(MenuId.CommentThreadTitle, {
    command: { id: "waiide.comments.unresolve", title: "Mark as Unresolved", icon: Codicon.issueReopened },
    group: "navigation",
    when: when("commentThread", "resolved"),
  });
  MenuRegistry.appendMenuItem(MenuId.CommentTitle, {
    command: { id: "waiide.comments.delete", title: "Delete Comment", icon: Codicon.trash },
    group: "inline",
    when: when("comment", "own"),
  });
}
