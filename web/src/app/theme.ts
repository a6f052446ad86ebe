import {
  Badge,
  Card,
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  Modal,
  Notification,
  Tooltip,
} from "@mantine/core";

/** #256af4 of the earlier clients is shade 6. */
const accent: MantineColorsTuple = [
  "#eaf1ff",
  "#d3e0fd",
  "#a5c0fa",
  "#7ea5f8",
  "#5f8ff7",
  "#4079f5",
  "#256af4",
  "#1a59d9",
  "#134bbd",
  "#0b3c9c",
];

/** #1a2234 (surfaces) is shade 6, #101622 (background) shade 7, as the kit uses them. */
const dark: MantineColorsTuple = [
  "#e4e9f2",
  "#bcc6d8",
  "#97a4bc",
  "#66748f",
  "#364260",
  "#26314a",
  "#1a2234",
  "#101622",
  "#0c111b",
  "#080c14",
];

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 6,
  colors: { accent, dark },
  defaultRadius: "md",
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({ defaultProps: { tt: "none" } }),
    Card: Card.extend({ defaultProps: { withBorder: true, padding: "md", bg: "var(--mf-surface)" } }),
    Modal: Modal.extend({ defaultProps: { centered: true, closeButtonProps: { "aria-label": "Close" } } }),
    Notification: Notification.extend({ styles: { description: { color: "var(--mantine-color-dimmed)" } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});

/** Texts in a colour on a tint of it, on white: the kit's own shades are too light to be read easily (WCAG AA, 4.5:1). */
const readableOnLight: Record<string, string> = {
  accent: "#0b3c9c",
  gray: "#495057",
  orange: "#8f3106",
  red: "#a51111",
  teal: "#066649",
  violet: "#5029b8",
  yellow: "#734000",
};

/** What the kit has no variable for (the surface of cards and bars), and texts that must stay readable on it. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  dark: {
    "--mf-surface": "#1a2234",
    "--mf-link": "#7ea5f8",
    "--mf-edge": "#5f8ff766",
    "--mf-switch-off": "#66748f",
    "--mantine-color-dimmed": "#97a4bc",
    "--mantine-color-error": "#ff8787",
  },
  light: {
    "--mf-surface": "#ffffff",
    "--mf-link": "#1a59d9",
    "--mf-edge": "#0b3c9c40",
    "--mantine-color-body": "#f4f6fa",
    "--mf-switch-off": "#868e96",
    "--mantine-color-dimmed": "#5b6474",
    "--mantine-color-error": "#c92a2a",
    ...Object.fromEntries(
      Object.entries(readableOnLight).flatMap(([name, color]) => [
        [`--mantine-color-${name}-light-color`, color],
        [`--mantine-color-${name}-text`, color],
      ]),
    ),
  },
});

/** Dark unless the user chose light; the key is read by public/theme.js too. */
export const colorScheme = localStorageColorSchemeManager({ key: "mediaflow-color-scheme" });
