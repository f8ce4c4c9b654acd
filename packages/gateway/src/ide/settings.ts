export interface IdeSettingsOptions {
  readonly telemetry: boolean;
  readonly workspaceTrust: boolean;
  readonly aiFeatures: boolean;
  /** The setting `default-settings`: wins over ours; what users set themselves wins over both. */
  readonly defaultSettings: Readonly<Record<string, unknown>>;
}

/** Defaults of the IDE's own settings, given to the workbench as `configurationDefaults` of its page. */
export function configurationDefaults(options: IdeSettingsOptions): Record<string, unknown> {
  return {
    ...quiet,
    ...(options.aiFeatures ? {} : withoutAi),
    ...(options.telemetry ? {} : withoutTelemetry),
    ...(options.workspaceTrust ? {} : { "security.workspace.trust.enabled": false }),
    ...options.defaultSettings,
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

const withoutTelemetry = {
  "telemetry.telemetryLevel": "off",
  "telemetry.feedback.enabled": false,
  "workbench.enableExperiments": false,
};
