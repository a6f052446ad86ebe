import {
  IconBolt,
  IconBooks,
  IconBulb,
  IconFileText,
  IconLifebuoy,
  IconProgress,
  IconServer,
  IconSettings,
  type TablerIcon,
} from "@tabler/icons-react";

/** A page of the navigation. */
export interface Page {
  to:
    | "/library"
    | "/quick"
    | "/intelligence"
    | "/queue"
    | "/quarantine"
    | "/servers"
    | "/settings/{-$tab}"
    | "/logs/{-$tab}";
  /** Where its addresses begin. */
  path: string;
  label: string;
  /** For the command palette. */
  description: string;
  icon: TablerIcon;
  /** Whether it belongs to the page before it. */
  isBelow?: boolean;
}

/** The pages in the order of the navigation. */
export const pages: readonly Page[] = [
  {
    to: "/library",
    path: "/library",
    label: "Library",
    description: "Every media file, with search and filters",
    icon: IconBooks,
  },
  {
    to: "/quick",
    path: "/quick",
    label: "Quick Transcode",
    description: "Single files, of the server's disk or your own",
    icon: IconBolt,
    isBelow: true,
  },
  {
    to: "/intelligence",
    path: "/intelligence",
    label: "Intelligence",
    description: "What would give back space, and how much",
    icon: IconBulb,
  },
  { to: "/queue", path: "/queue", label: "Queue", description: "Jobs: running, waiting and done", icon: IconProgress },
  { to: "/servers", path: "/servers", label: "Servers", description: "The machines that encode", icon: IconServer },
  {
    to: "/quarantine",
    path: "/quarantine",
    label: "Quarantine",
    description: "Originals that can still be put back",
    icon: IconLifebuoy,
  },
  {
    to: "/settings/{-$tab}",
    path: "/settings",
    label: "Settings",
    description: "Libraries, presets, thresholds, access",
    icon: IconSettings,
  },
  {
    to: "/logs/{-$tab}",
    path: "/logs",
    label: "Logs",
    description: "What happened, and background tasks",
    icon: IconFileText,
  },
];
