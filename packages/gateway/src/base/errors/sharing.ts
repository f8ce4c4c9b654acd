import type { ErrorRows } from "./row.ts";

/** Requests about shares, of owners and of guests. */
export const sharingErrors = {
  SHARING_UNAVAILABLE: {
    status: 503,
    message: "Sharing is not available now: {reason}.",
    action:
      "Try again in a moment. If this lasts, run “waiide doctor”, which checks the data folder. Everything else works.",
  },
  SHARE_INVALID: {
    status: 400,
    message: "“{field}” cannot be used: {reason}.",
    action: "Correct it and try again; nothing was changed.",
  },
  SHARE_CONFIRM: {
    status: 409,
    message: "This shares {what}, which may contain more than you want to share.",
    action: "Share {instead} instead, or confirm it (“confirm”: true; --yes on the command line).",
  },
  SHARE_CEILING: {
    status: 403,
    message: "This may not be shared: {reason}.",
    action: "Change that, or ask an administrator of this server.",
  },
  COMMIT_UNAVAILABLE: {
    status: 503,
    message: "Commits cannot be shared now: {reason}.",
    action: "Nothing was shared. Install git 2.34 or newer where it is missing; otherwise the gateway's log says more.",
  },
  SHARE_HISTORY_SECRETS: {
    status: 409,
    message: "The history of this commit holds {count} names or secrets that guests would get.",
    action:
      "Look at them (POST /api/share/survey, or --get history on the command line). Then share a snapshot, or confirm exactly that survey (“confirm_survey”).",
  },
  HUB_LISTING: {
    status: 503,
    message: "JupyterHub could not add this share to its list: {reason}.",
    action:
      "Nothing was shared. Try again in a moment; if this lasts, tell an administrator of the hub (“waiide doctor” says more).",
  },
  SHARE_UNKNOWN: {
    status: 404,
    message: "There is no such share or guest, or it has ended.",
    action: "“waiide share list” shows the active ones.",
  },
  PROPOSAL_UNKNOWN: {
    status: 404,
    message: "There is no such proposal, or it was accepted, declined or replaced.",
    action: "“waiide share proposals” shows those that wait for you.",
  },
  TERMINAL_UNKNOWN: {
    status: 404,
    message: "This terminal is not shown, or no longer.",
    action: "Show it again: “WAIIDE: Share This Terminal…”.",
  },
  TERMINALS_FULL: {
    status: 409,
    message: "At most {most} terminals can be shown in one share at once.",
    action: "Stop showing one of them, then try again.",
  },
  PUBLIC_URL_UNKNOWN: {
    status: 409,
    message: "WAIIDE does not know the address at which others reach this server, so it cannot create a link.",
    action: "Open the IDE once at that address in a browser, or ask an administrator to set --public-url.",
  },
  SHARE_LINK_WRONG: {
    status: 404,
    message: "This link is invalid or has expired.",
    action: "Check that the link is complete, or ask the person who sent it for a new one.",
  },
  SHARE_LOGIN: {
    status: 401,
    message: "You have not joined this share, or it has ended.",
    action: "Open the link again, or ask the person who sent it for a new one.",
  },
  SHARE_GIT_PASSWORD: {
    status: 401,
    message: "This password does not open the share's repository, or no longer.",
    action: "Open the share in a browser, choose “Get It”, and copy the address and a new password.",
  },
  SHARE_HUB_LOGIN: {
    status: 401,
    message: "This share is for people with an account at JupyterHub, and you are not logged in there.",
    action:
      "Open the link in a browser and choose “Log in”. If JupyterHub then says “403: Forbidden”, you have no access to this server: ask its owner or an administrator.",
  },
  SHARE_DECLINED: {
    status: 403,
    message: "{owner} has declined your request to join.",
    action: "If you think that this is a mistake, ask them yourself, for example by email.",
  },
  SHARE_UNANSWERED: {
    status: 403,
    message: "{owner} has not answered your request to join.",
    action: "Ask again, or ask them yourself whether they are there.",
  },
  SHARE_ASKED_OFTEN: {
    status: 429,
    message: "Your request to join cannot be sent now: there were too many from your address or account.",
    action: "Try again in {seconds} seconds.",
  },
  SHARE_MANY_WAITING: {
    status: 429,
    message: "Too many people are waiting to join this share: at most {most} at once.",
    action: "Try again in some minutes.",
  },
  SHARE_REQUEST_UNKNOWN: {
    status: 404,
    message: "Nobody waits with this request: it was answered, or they have left.",
    action: "“waiide share requests” shows who waits.",
  },
  TALK_OFF: {
    status: 403,
    message: "Messages are turned off on this server.",
    action: "Ask an administrator to set share-talk, or write to each other elsewhere.",
  },
  TALK_OFTEN: {
    status: 429,
    message: "You wrote too many messages in a short time.",
    action: "Try again in {seconds} seconds.",
  },
  COMMENT_UNKNOWN: {
    status: 404,
    message: "There is no such comment in this share.",
    action: "Somebody may have deleted it: load the comments again.",
  },
  COMMENT_PLACE: {
    status: 400,
    message: "There are no such lines to comment on: {reason}.",
    action: "Name a text file of the share, and lines that it has.",
  },
  COMMENTS_FULL: {
    status: 429,
    message: "There are {most} comments already, which is the limit.",
    action: "Delete some, then try again.",
  },
  SHARE_COOKIE_DOUBLE: {
    status: 400,
    message: "The browser sent two cookies for this share, and only one can be real.",
    action: "Open the link again. If this happens again, delete this address's cookies in the browser.",
  },
  SHARE_LEVEL: {
    status: 403,
    message: "This share's level does not permit that.",
    action: "Ask the owner for a higher level.",
  },
  SHARE_FULL: {
    status: 403,
    message: "At most {most} guests can be in this share at once.",
    action: "Try again when somebody has left, or ask the owner.",
  },
  SHARE_BUSY: {
    status: 429,
    message: "Too many pages or requests of this share are open: at most {most} at once.",
    action: "Wait for a request to end, or close a page of the share, then try again.",
  },
  SHARE_NO_COPY: {
    status: 403,
    message: "The owner offers no copy of this share.",
    action: "Ask the owner to allow others to make their own copy.",
  },
  SHARE_COPY_TICKET: {
    status: 401,
    message: "The ticket for this copy does not work: it was used, is too old, or is for another server.",
    action: "Begin again on the share's page.",
  },
  SHARE_COPY_BUSY: {
    status: 503,
    message: "The copy is being made, or many people fetch it just now.",
    action: "Try again in {seconds} seconds.",
  },
  SHARE_COPY_FAILED: {
    status: 409,
    message: "No copy can be made: {reason}.",
    action: "Ask the owner to share less, or to make room.",
  },
  SHARE_FILE_MISSING: {
    status: 404,
    message: "There is no such file in this share.",
    action: "Look for it in the list of files.",
  },
  SHARE_FILE_REFUSED: {
    status: 403,
    message: "This file cannot be fetched: {reason}.",
    action: "Ask the owner.",
  },
} as const satisfies ErrorRows;
