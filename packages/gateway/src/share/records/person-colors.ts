/** Distinct on light and dark. The gateway chooses, so that no guest takes another's color. */
export const guestColors = ["#2f7de1", "#c4314b", "#1a8754", "#b35900", "#7a3ff2", "#0b7f8a", "#a8327e", "#5b6b00"];

/** None of the guests'. */
export const ownerColor = "#8a6d00";
