import type { HostStep } from "#core/rollout.ts";

export type Theme = "light" | "dark" | "auto";

type Palette = Readonly<Record<string, string>>;

const light: Palette = {
  card: "#ffffff",
  line: "#dce2e3",
  ink: "#142022",
  soft: "#546264",
  good: "#17683a",
  bad: "#b3261e",
  warn: "#845000",
  traffic: "#0b6e77",
  idle: "#e4e9ea",
  drain: "#b26a00",
  replace: "#1a6bc0",
  check: "#7a4bc2",
  admit: "#0b7f88",
  bake: "#2c8a4b",
};

const dark: Palette = {
  card: "#181e21",
  line: "#2b3438",
  ink: "#e4ebec",
  soft: "#9babae",
  good: "#74cf93",
  bad: "#ff9389",
  warn: "#efb65f",
  traffic: "#4fc3c9",
  idle: "#2b3438",
  drain: "#e8a647",
  replace: "#6fb1f5",
  check: "#b594ec",
  admit: "#4fc3c9",
  bake: "#6cc98b",
};

const classes = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `.rp-${name}{fill:${colour}}.rp-${name}-line{stroke:${colour};fill:none}`)
    .join("");

/** The colours of the page, as classes: an attribute could not follow the reader's own light or dark. */
export function paletteStyle(theme: Theme): string {
  if (theme !== "auto") return classes(theme === "light" ? light : dark);
  return `${classes(light)}@media screen and (prefers-color-scheme:dark){${classes(dark)}}`;
}

export const stepClass = (step: HostStep): string => `rp-${step}`;
