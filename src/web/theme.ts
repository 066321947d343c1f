import { Button, createTheme, Modal } from "@mantine/core";

/** Fonts of the reader's own system: nothing of this page comes from elsewhere. */
const sans =
  '-apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "Liberation Sans", "Helvetica Neue", Arial, sans-serif';
const mono = 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  primaryColor: "harbour",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  defaultRadius: "sm",
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: { fontFamily: sans, fontWeight: "650" },
  cursorType: "pointer",
  components: {
    Button: Button.extend({ defaultProps: { fw: 600 } }),
    Modal: Modal.extend({ styles: { title: { fontWeight: 650 } } }),
  },
  colors: {
    dark: [
      "#e4ebec",
      "#c3ced0",
      "#9babae",
      "#6d7d81",
      "#3a464b",
      "#2b3438",
      "#222b2f",
      "#181e21",
      "#12181a",
      "#101416",
    ],
    harbour: [
      "#e6f6f6",
      "#cfe9ea",
      "#a3d3d5",
      "#73bdc0",
      "#4fabaf",
      "#379fa4",
      "#24888d",
      "#0b6e77",
      "#07565d",
      "#023d43",
    ],
  },
});
