/** Defaults of the settings of every IDE that the tests start. */
export const ideSettings = {
  // Whatever takes the keyboard's focus, VS Code's questions stay until they are answered.
  "workbench.quickOpen.closeOnFocusLost": false,
} as const;

/** Dialogs and menus that are part of the page, where a test can see them. */
export const settingsOfOwners = { "window.dialogStyle": "custom", "window.menuStyle": "custom" } as const;
