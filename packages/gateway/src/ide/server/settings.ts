/** Why a page opens in Restricted Mode: guests may write files, or it shows a copy of what a stranger shared. */
export type Restriction = "guests" | "copy";

export interface IdeSettingsOptions {
  readonly telemetry: boolean;
  readonly aiFeatures: boolean;
  /** Opens folders in Restricted Mode, without a question. */
  readonly restricted?: Restriction | undefined;
  /** The setting `default-settings`: wins over ours; what users set themselves wins over both. */
  readonly defaultSettings: Readonly<Record<string, unknown>>;
}

/** Defaults of the IDE's own settings, given to the workbench as `configurationDefaults` of its page. */
export function configurationDefaults(options: IdeSettingsOptions): Record<string, unknown> {
  return {
    ...quiet,
    ...(options.aiFeatures ? {} : withoutAi),
    ...(options.telemetry ? {} : withoutTelemetry),
    ...options.defaultSettings,
    ...(options.restricted ? restrictedMode : {}),
    ...(options.restricted === "copy" ? restrictedCopy : {}),
  };
}

const quiet = {
  // The user lands in the explorer, not on a tour.
  "workbench.startupEditor": "none",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  // The gallery is asked only once the Extensions view is opened.
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "update.showReleaseNotes": false,
  "workbench.settings.enableNaturalLanguageSearch": false,
};

// The side bar on the right would come up empty: nothing but chat lives there.
const withoutAi = { "chat.disableAIFeatures": true, "workbench.secondarySideBar.defaultVisibility": "hidden" };

// The page's own setting `enableWorkspaceTrust` turns trust off elsewhere. A default here would do it, too, but browsers keep defaults
// for the next load, which may be the one that is to be restricted.
const restrictedMode = {
  "security.workspace.trust.enabled": true,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "always",
  "security.workspace.trust.untrustedFiles": "open",
};

// People look into a copy before they trust it, and a terminal runs what they type there alone: profiles and variables of the
// folder's settings do not count in Restricted Mode.
const restrictedCopy = { "terminal.integrated.allowInUntrustedWorkspace": true };

const withoutTelemetry = {
  "telemetry.telemetryLevel": "off",
  "telemetry.feedback.enabled": false,
  "workbench.enableExperiments": false,
};
