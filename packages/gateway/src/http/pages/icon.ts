/** Our sign: two brackets around a caret, in a rounded square. */
export const iconSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#3d5afe"/>' +
  '<path d="M22 18 10 32l12 14M42 18l12 14-12 14" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>' +
  '<path d="M32 22v20" stroke="#fff" stroke-width="5" stroke-linecap="round"/></svg>';
