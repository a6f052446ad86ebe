import { IconFileZip, IconMovie, IconSparkles, type TablerIcon } from "@tabler/icons-react";

/** How a type of recommendation is shown. */
export interface Kind {
  label: string;
  icon: TablerIcon;
}

const KINDS: Record<string, Kind> = {
  codec_upgrade: { label: "Codec upgrade", icon: IconMovie },
  container_modernize: { label: "Modern container", icon: IconFileZip },
};

/** A type that this page does not know by name is shown by what the API calls it. */
export function kindOf(type: string): Kind {
  const words = type.replaceAll("_", " ");
  return KINDS[type] ?? { label: words.charAt(0).toUpperCase() + words.slice(1), icon: IconSparkles };
}

/** How sure an estimate is, in the words and bounds of the earlier clients. */
export function confidenceOf(confidence: number): { word: string; color: string } {
  if (confidence >= 0.8) return { word: "High", color: "teal" };
  return confidence >= 0.4 ? { word: "Medium", color: "yellow" } : { word: "Low", color: "gray" };
}
