/** What a setup does, by the API's names. */
const SETUP: Record<string, string> = {
  detect_distro: "Looking what it is",
  check_sudo: "Looking what we may do there",
  install_prereqs: "Installing what is needed",
  detect_arch: "Looking which programs fit",
  download_ffmpeg: "Bringing ffmpeg",
  install_ffmpeg: "Installing ffmpeg",
  verify_ffmpeg: "Trying ffmpeg",
  gpu_detection: "Looking for a GPU",
  nvenc_test: "Trying its encoders",
  jellyfin_ffmpeg: "Looking for a build that fits the GPU's driver",
  create_workdir: "Making its working directory",
  probe_capabilities: "Looking what it can do",
  completed: "Ready",
};

const BENCHMARK: Record<string, string> = {
  started: "Beginning",
  latency: "How far away it is",
  generating: "Making something to send",
  uploading: "Sending",
  downloading: "Fetching",
  encoding: "Encoding",
};

/** What a step of a setup is called; a later version may have others. */
export function setupStep(step: string): string {
  return SETUP[step] ?? step.replaceAll("_", " ");
}

/** The same for a benchmark. */
export function benchmarkStep(step: string): string {
  return BENCHMARK[step] ?? step.replaceAll("_", " ");
}
