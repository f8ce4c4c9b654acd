import type { ErrorRows } from "./row.ts";

/** Copies of what others shared, in the recipient's server. */
export const copyErrors = {
  COPY_SOURCE_WRONG: {
    status: 400,
    message: "This is no address of a share on this hub: {reason}.",
    action: "Open the share and press “Make My Own Copy” there.",
  },
  COPY_UNKNOWN: {
    status: 404,
    message: "This server does not know the copy: it was finished, took too long, or began in another server.",
    action: "Open the share and press “Make My Own Copy” again.",
  },
  COPY_UNREACHABLE: {
    status: 502,
    message: "The owner's server does not answer this server: {reason}.",
    action: "Try again in a moment. The share's page also offers the files as a .zip.",
  },
  COPY_NOT_GIVEN: {
    status: 409,
    message: "The owner's server did not hand over the copy: {reason}.",
    action: "Open the share and press “Make My Own Copy” again.",
  },
  COPY_REFUSED: {
    status: 422,
    message: "The copy was not made: {reason}.",
    action: "Nothing was left on your disk. Tell the person who shared it.",
  },
  COPY_PLACE: {
    status: 409,
    message: "The copy was not made: {reason}.",
    action: "Nothing that was there has changed. Choose another name.",
  },
  COPY_DISK_FULL: {
    status: 507,
    message: "The copy was not made: the disk has {free} MB left, and it needs {needed} MB.",
    action: "Remove something that you do not need, then try again.",
  },
  COPY_BUSY: {
    status: 409,
    message: "This server is making another copy.",
    action: "Wait until it is finished, or cancel it.",
  },
  COPY_CHANGED: {
    status: 409,
    message: "These are not the commands of this copy.",
    action: "Reload the page and look at the commands again.",
  },
  SET_UP_OFF: {
    status: 403,
    message: "An administrator does not offer “Set up” here.",
    action: "Read the commands in the folder's devcontainer.json and run those that you want in a terminal.",
  },
  COPY_LINK_WRONG: {
    exit: 2,
    message: "This is no link of a share: {reason}.",
    action: "Copy the whole link that you were sent, with the part after “#”.",
  },
  COPY_NOT_ENTERED: {
    exit: 1,
    message: "The share did not let you in: {reason}.",
    action: "Open the link in a browser, or ask the person who sent it.",
  },
  COPY_NOT_CONFIRMED: {
    exit: 2,
    message: "You did not confirm it, so nothing was copied.",
    action: "Run the command again and answer “y”, or add --yes.",
  },
} as const satisfies ErrorRows;
