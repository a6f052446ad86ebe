/** What the pages call fields of the API. */
const LABELS: Record<string, string> = {
  name: "Name",
  description: "Description",
  video_codec: "Video codec",
  hw_accel: "Encoded by",
  bitrate_mode: "Rate control",
  crf_value: "CRF",
  target_bitrate: "Video bitrate",
  target_vmaf: "Target quality",
  two_pass: "Two passes",
  target_resolution: "Largest picture",
  encoder_tune: "Tuning",
  custom_flags: "Flags for the encoder",
  quality_floor: "Quality floor",
  quality_check: "Looked at",
  quality_retries: "Below the floor",
  accept_damage: "Encode damaged films too",
  audio_mode: "Audio",
  audio_codec: "Audio codec",
  audio_channels: "Down to",
  audio_languages: "Keep only these audio languages",
  audio_default_language: "Default audio language",
  audio_drop_commentary: "Leave out commentaries",
  audio_compatibility: "Add a stereo AAC track",
  container: "Container",
  hdr_mode: "HDR",
  subtitle_mode: "Subtitles",
  subtitle_languages: "Keep only these subtitle languages",
  burn_language: "Language to burn in",
  drop_image_subtitles: "Leave out image subtitles",
  hostname: "Address",
  port: "Port",
  ssh_username: "User",
  ssh_key_path: "Key file",
  ssh_private_key: "Private key",
  ssh_passphrase: "Passphrase",
  ssh_password: "Password",
  jump_host: "Jump host",
  working_directory: "Working directory",
  max_concurrent_jobs: "Jobs at a time",
};

/** What a field is called for a person. */
export function labelOf(field: string): string {
  return LABELS[field] ?? field.replaceAll("_", " ");
}

/**
 * A sentence of the API, in which a field is named in brackets for programs: `(crf_value)` becomes `(“CRF”)`. A reason that
 * ends with a question needs no full stop where another one follows.
 */
export function inOurWords(sentence: string): string {
  return sentence
    .replace(/\(([a-z]+(?:_[a-z]+)+)\)/g, (all, field: string) => (field in LABELS ? `(“${labelOf(field)}”)` : all))
    .replace(/\?\.(?=\s|$)/g, "?");
}
