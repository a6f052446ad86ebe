/** The families of hardware encoders, as people call them. */
export const GPUS: Record<string, string> = {
  nvenc: "NVENC (NVIDIA)",
  qsv: "QuickSync (Intel)",
  vaapi: "VAAPI (Intel, AMD on Linux)",
  amf: "AMF (AMD)",
  videotoolbox: "VideoToolbox (Apple)",
};
