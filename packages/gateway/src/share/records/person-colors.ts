/**
 * Distinct on light and dark, also for people with a color-vision deficiency. The gateway chooses, so that no guest takes another's
 * color.
 */
export const guestColors = ["#4455ff", "#dd7700", "#cc00cc", "#447744", "#dd0011", "#7788ff", "#bb77aa", "#995588"];

/** None of the guests'. */
export const ownerColor = "#888866";
