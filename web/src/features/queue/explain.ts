import type { Job } from "../../api/types.ts";

/** What it means when a check of the proof does not hold, by the check's name. */
const MEANINGS: Record<string, string> = {
  quality: "the picture lost more detail than the preset allows",
  planes: "brightness or colours came too far from the original",
  picture: "the picture has another size or shape than planned",
  colour: "the colours are labelled otherwise than planned",
  hdr: "HDR information or captions are missing",
  source: "the original itself does not decode cleanly",
  decodes: "the new file does not decode cleanly",
  streams: "a track is missing or is not what was planned",
  labels: "a language or title of a track was lost",
  tags: "tags were lost",
  chapters: "chapters were lost",
  attachments: "attachments, such as fonts, were lost",
  subtitles: "subtitles are missing or moved in time",
  "video frames": "frames are missing or moved in time",
  "audio time": "sound is missing or moved in time",
  sound: "the sound is not that of the original",
  copied: "a copied track is not what it was",
};

/** Presets of the program by their quality, the lowest first. */
const BY_QUALITY = ["Storage Saver", "Balanced", "Ultra Fidelity"];

/** What a check means when it does not hold: `planes #0` by `planes`. */
export function meaningOf(check: string): string | undefined {
  return MEANINGS[check.replace(/ #\d+$/, "")];
}

/** Whether the original itself does not decode, so that no preset that encodes helps. */
export function isDamaged(job: Pick<Job, "ending" | "status_detail">): boolean {
  return job.ending === "refused" && (job.status_detail ?? "").startsWith("the source is damaged");
}

const DAMAGED =
  "The original is damaged, and was left as it is. A remux keeps everything that can be read of it; another copy of the \
film would be better. Encode damaged films too, among the quality options, encodes what can be seen of it.";

/** What came of a job that has no new file, for people; what was measured follows in the API's own words. */
export function failureOf(job: Pick<Job, "ending" | "validation_status" | "status_detail">): string | undefined {
  if (isDamaged(job)) return DAMAGED;
  if (job.validation_status !== "failed") return undefined;
  const names = (job.status_detail ?? "").matchAll(/(?:: |; )([a-z][a-z ]*?)(?: #\d+)?(?=: )/g);
  const meanings = new Set(
    [...names].map(([, name]) => meaningOf(name ?? "")).filter(meaning => meaning !== undefined),
  );
  const why = meanings.size > 0 ? [...meanings].join(", and ") : "not every check of its proof holds";
  return `The new file was not used: ${why}. The original stays as it is.`;
}

/** The preset to try after one whose result was not good enough. */
export function betterPreset(name: string): string {
  const place = BY_QUALITY.indexOf(name);
  if (place === -1) return "Balanced";
  return BY_QUALITY[place + 1] ?? name;
}
