import type { ErrorRows } from "./row.ts";

/** Running apps that guests use. */
export const sharedAppErrors = {
  SHARE_CODE_CONFIRM: {
    status: 409,
    message: "In this app guests can run code as you, as with Terminal Access.",
    action: "Share another app instead, or confirm it (“confirm”: true; --yes on the command line).",
  },
  SHARED_APP_OVER: {
    status: 403,
    message: "This address of a shared app is not valid, or no longer.",
    action: "Open the link again, or ask the person who sent it for a new one.",
  },
  SHARED_APP_STOPPED: {
    status: 503,
    message: "“{title}” is not running: {reason}.",
    action: "It appears here again as soon as it runs; ask its owner to start it.",
  },
  SHARED_APP_PAUSED: {
    status: 503,
    message: "“{title}” is paused: another program runs in its place.",
    action: "Ask its owner, who can let you go on.",
  },
  SHARED_APP_BROWSER: {
    status: 403,
    message: "Your browser does not say what it asks for, so this app cannot be shown safely.",
    action: "Open the link by HTTPS in a current browser.",
  },
  SHARED_APP_UPLOAD: {
    status: 413,
    message: "This upload is larger than {most} bytes, the limit for guests of an app.",
    action: "Send less at once, or ask an administrator to raise “app_upload” in share-limits.",
  },
} as const satisfies ErrorRows;
