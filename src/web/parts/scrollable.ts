/**
 * For a region that scrolls: whoever has no mouse must be able to reach it and move it with the arrow keys. The lint
 * rule against a tab stop on what is no control knows nothing of scrolling; WCAG 2.1.1 does.
 */
export const scrollable = { tabIndex: 0 } as const;
