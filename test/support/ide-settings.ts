/** Defaults of the settings of every IDE that the tests start. */
export const ideSettings = {
  // Whatever takes the keyboard's focus, VS Code's questions stay until they are answered.
  "workbench.quickOpen.closeOnFocusLost": false,
  // A tooltip comes where the mouse rests, over what a test clicks next. Milliseconds.
  "workbench.hover.delay": 600_000,
  "workbench.hover.reducedDelay": 600_000,
} as const;

/** Dialogs and menus that are part of the page, where a test can see them. */
export const settingsOfOwners = { "window.dialogStyle": "custom", "window.menuStyle": "custom" } as const;
