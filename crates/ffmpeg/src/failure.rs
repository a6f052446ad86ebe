//! What ffmpeg's last words mean.

use mediaflow_core::media::hardware::EncodedBy;
use serde::{Deserialize, Serialize};

/// Whether a log says that a disk was full.
#[must_use]
pub fn is_disk_full(log: &str) -> bool {
    log.contains("No space left on device") || log.contains("Disk quota exceeded")
}

/// Whether an exit code says so: ffmpeg ends with the low byte of its error, which for `ENOSPC` (28) is 228. The log
/// cannot tell when it lies on the same disk.
#[must_use]
pub const fn is_full_code(code: i32) -> bool {
    code == 228
}

/// Whether a log says that something around the encode failed, such as a disk or a network, which may work again later.
/// The words are those of the C library for `EIO`, `ESTALE`, `EAGAIN`, `ENOMEM` and errors of connections.
#[must_use]
pub fn is_passing(log: &str) -> bool {
    const WORDS: [&str; 7] = [
        "Input/output error",
        "Stale file handle",
        "Resource temporarily unavailable",
        "Cannot allocate memory",
        "Connection reset by peer",
        "Connection timed out",
        "Host is down",
    ];
    WORDS.iter().any(|words| log.contains(words))
}

/// The line that best says what went wrong: the last one that is not ffmpeg's own "conversion failed".
#[must_use]
pub fn last_words(log: &str) -> &str {
    log.lines()
        .rev()
        .map(str::trim)
        .find(|line| {
            !line.is_empty()
                && !line.starts_with("Conversion failed")
                && !line.starts_with("Last message repeated")
                && !line.contains("Exiting with exit code")
        })
        .unwrap_or("it said nothing")
}

/// What kept a short run from working, from its standard error: the first line says the cause, later ones repeat that it
/// failed. The bracketed address of the component is of no use to people, nor is SVT-AV1's banner.
#[must_use]
pub fn first_words(stderr_lines: &[String]) -> String {
    match stderr_lines.iter().find(|line| !line.starts_with("Svt[")) {
        Some(line) => plain(line),
        None => "it failed without a word".to_owned(),
    }
}

fn plain(line: &str) -> String {
    let mut text = line.trim();
    while let Some((_, rest)) = text.strip_prefix('[').and_then(|inner| inner.split_once("] ")) {
        text = rest;
    }
    if text.starts_with("Unknown encoder") {
        return "this build of ffmpeg does not have it".to_owned();
    }
    if text.starts_with("Device creation failed") {
        return "no such device here, or its driver does not work".to_owned();
    }
    text.to_owned()
}

/// The part of the hardware that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// What decodes the source.
    Decoder,
    /// What encodes, or the device as a whole.
    Encoder,
}

/// Said when the device of a decoder cannot be opened, and when it gives up in the middle of a film.
const DECODER_FAILED: [&str; 7] = [
    "No device available for decoder",
    "etup failed for decoder",
    "hardware accelerator failed to decode picture",
    "Failed to transfer data to output frame",
    "cuvidCreateDecoder",
    "cuvidDecodePicture",
    "Error retrieving frame from device",
];

/// Those of them that a run can live with, and still lose pictures by.
const PICTURES_LOST: [&str; 2] =
    ["hardware accelerator failed to decode picture", "Failed to transfer data to output frame"];

/// Said by drivers, their libraries and what opens them (`facts` §7, and the sources of ffmpeg 5.1 and 8.0).
const ENCODER_FAILED: [&str; 22] = [
    "no CUDA-capable device",
    "CUDA_ERROR",
    "nvenc API version",
    "inimum required Nvidia driver",
    "Cannot load libcuda",
    "Cannot load libnvidia-encode",
    "Cannot load nvcuda",
    "OpenEncodeSessionEx failed",
    "No capable devices found",
    "NVENC capable devices",
    "MFX session",
    "Error initializing the encoder: ",
    "Failed to set value 'vaapi=",
    "Failed to initialise VAAPI connection",
    "No VA display found",
    "No usable encoding profile found",
    "No usable encoding entrypoint found",
    "Failed to end picture encode issue",
    "cannot create compression session",
    "hardware encoder may be busy",
    "DLL libamfrt64",
    "AMFFactory",
];

/// Words by which an encoder's own line is more than a remark.
const ERROR_WORDS: [&str; 8] =
    ["rror", "ail", "annot", "not support", "nsupported", "not available", "ut of memory", "nvalid"];

/// Drivers that lack some of the headers are usual, and work.
const REMARK: &str = "packed headers";

/// What of an attempt's hardware made it end badly, with its words; `None` where the hardware had no part in it.
#[must_use]
pub fn of_device(log: &str, by: &EncodedBy) -> Option<(Device, String)> {
    let cause = || {
        let said = log.lines().find(|line| is_of_device(line, by));
        said.map_or_else(|| last_words(log).to_owned(), plain)
    };
    if by.decoder.is_some() && says(log, &DECODER_FAILED) {
        return Some((Device::Decoder, cause()));
    }
    let is_encoders = |line: &str| says(line, &ENCODER_FAILED) || is_own_error(line, &by.encoder);
    (by.gpu.is_some() && log.lines().any(is_encoders)).then(|| (Device::Encoder, cause()))
}

/// Whether an attempt that ended well lost pictures in its hardware decoder, with its words.
#[must_use]
pub fn lost_pictures(log: &str, by: &EncodedBy) -> Option<String> {
    by.decoder.as_ref()?;
    log.lines().find(|line| says(line, &PICTURES_LOST)).map(plain)
}

/// Whether an encoder refused because the driver is older than this build wants; an older build may work with it.
#[must_use]
pub fn wants_newer_driver(reason: &str) -> bool {
    says(reason, &["required nvenc API version", "inimum required Nvidia driver"])
}

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// `[hevc_nvenc @ 0x1] ...` with an error in it.
fn is_own_error(line: &str, encoder: &str) -> bool {
    let own = line.trim_start().strip_prefix('[').and_then(|rest| rest.strip_prefix(encoder));
    own.is_some_and(|rest| rest.starts_with(" @") && says(rest, &ERROR_WORDS) && !rest.contains(REMARK))
}

fn is_of_device(line: &str, by: &EncodedBy) -> bool {
    line.starts_with("Device creation failed")
        || says(line, &DECODER_FAILED)
        || says(line, &ENCODER_FAILED)
        || is_own_error(line, &by.encoder)
}

#[cfg(test)]
mod tests {
    use mediaflow_core::media::hardware::Gpu;

    use super::*;

    #[test]
    fn the_reason_is_found_behind_the_farewell() {
        let log = "[libx265 @ 0x1] bad parameter\nError while opening encoder\nConversion failed!\n\n";
        assert_eq!(last_words(log), "Error while opening encoder");
        assert!(is_disk_full("av_interleaved_write_frame(): No space left on device\nConversion failed!"));
        assert!(!is_disk_full(log));
        assert_eq!(last_words(""), "it said nothing");
    }

    #[test]
    fn the_cause_of_a_short_run_is_its_first_line_without_addresses() {
        let nvenc = ["[hevc_nvenc @ 0x55d5] Cannot load libcuda.so.1".to_owned(), "Conversion failed!".to_owned()];
        assert_eq!(first_words(&nvenc), "Cannot load libcuda.so.1");
        let nested = ["[vost#0:0/x @ 0x1] [enc:x @ 0x2] Error while opening encoder".to_owned()];
        assert_eq!(first_words(&nested), "Error while opening encoder");
        let unknown = ["[vost#0:0 @ 0x55fb] Unknown encoder 'av1_nvenc'".to_owned()];
        assert_eq!(first_words(&unknown), "this build of ffmpeg does not have it");
        let banner = ["Svt[info]: SVT [version]: v3.1.0".to_owned(), "Error".to_owned()];
        assert_eq!(first_words(&banner), "Error");
        assert_eq!(first_words(&["[unclosed".to_owned()]), "[unclosed");
    }

    fn by(encoder: &str, gpu: Gpu, decoder: Option<&str>) -> EncodedBy {
        EncodedBy {
            encoder: encoder.to_owned(),
            gpu: Some(gpu),
            decoder: decoder.map(str::to_owned),
            pixel_format: "p010le".to_owned(),
            notes: Vec::new(),
            instead_of: None,
        }
    }

    /// As ffmpeg 5.1 and 8.0 print them on a machine without a GPU; the driver's own from their sources.
    #[test]
    fn hardware_that_fails_is_told_from_everything_else() {
        let nvenc = by("hevc_nvenc", Gpu::Nvenc, Some("cuda"));
        let amf = by("hevc_amf", Gpu::Amf, None);
        let vaapi = by("hevc_vaapi", Gpu::Vaapi, None);
        for (log, by, device, words) in [
            (
                "[AVHWDeviceContext @ 0x55] Cannot load libcuda.so.1\nDevice creation failed: -1.\n[h264 @ 0x55] No device \
                 available for decoder: device type cuda needed for codec h264.\nDevice setup failed for decoder on input \
                 stream #0:0 : Operation not permitted",
                &nvenc,
                Device::Decoder,
                "Cannot load libcuda.so.1",
            ),
            (
                "[hevc_nvenc @ 0x55bb] Cannot load libcuda.so.1\n[vost#0:0/hevc_nvenc @ 0x5] [enc:hevc_nvenc @ 0x5] Error \
                 while opening encoder - maybe incorrect parameters",
                &nvenc,
                Device::Encoder,
                "Cannot load libcuda.so.1",
            ),
            (
                "[hevc_nvenc @ 0x1] EncodePicture failed!: out of memory (10)",
                &nvenc,
                Device::Encoder,
                "EncodePicture failed!: out of memory (10)",
            ),
            (
                "[AMF @ 0x7fa6] DLL libamfrt64.so.1 failed to open\n[hevc_amf @ 0x5] Failed to create  hardware device \
                 context (AMF) : Unknown error occurred",
                &amf,
                Device::Encoder,
                "DLL libamfrt64.so.1 failed to open",
            ),
            (
                "Device creation failed: -542398533.\nFailed to set value 'vaapi=gpu' for option 'init_hw_device': Generic \
                 error in an external library",
                &vaapi,
                Device::Encoder,
                "no such device here, or its driver does not work",
            ),
            (
                "[hevc_qsv @ 0x5] Error creating a MFX session: -9.",
                &by("hevc_qsv", Gpu::Qsv, None),
                Device::Encoder,
                "Error creating a MFX session: -9.",
            ),
            (
                "[hevc_videotoolbox @ 0x5] Error: cannot create compression session: -12908",
                &by("hevc_videotoolbox", Gpu::VideoToolbox, None),
                Device::Encoder,
                "Error: cannot create compression session: -12908",
            ),
        ] {
            assert_eq!(of_device(log, by), Some((device, words.to_owned())), "{log}");
        }
        for log in [
            "[matroska @ 0x1] Unknown error\nConversion failed!",
            "[h264 @ 0x1] error while decoding MB 4 7",
            "[hevc_vaapi @ 0x1] Driver does not support some wanted packed headers (wanted 0xd, found 0x1).\nError writing \
             trailer",
        ] {
            assert_eq!(of_device(log, &vaapi), None, "{log}");
        }
        let on_cpu = EncodedBy { gpu: None, ..by("libx265", Gpu::Nvenc, None) };
        assert_eq!(of_device("[libx265 @ 0x1] Error: bad parameter", &on_cpu), None);
    }

    /// As ffmpeg 5.1 and 9.0 print it with a driver that is too old for them.
    #[test]
    fn a_driver_that_is_too_old_is_told_from_one_that_is_not_there() {
        let lines =
            ["[hevc_nvenc @ 0x55] Driver does not support the required nvenc API version. Required: 13.1 Found: 13.0"
                .to_owned()];
        assert!(wants_newer_driver(&first_words(&lines)));
        assert!(wants_newer_driver("The minimum required Nvidia driver for nvenc is 610.00 or newer"));
        assert!(!wants_newer_driver("Cannot load libcuda.so.1"));
    }

    #[test]
    fn pictures_that_a_decoder_lost_are_noticed_although_the_run_ended_well() {
        let log = "[h264 @ 0x1] hardware accelerator failed to decode picture";
        assert!(lost_pictures(log, &by("hevc_nvenc", Gpu::Nvenc, Some("cuda"))).is_some());
        assert!(lost_pictures(log, &by("hevc_nvenc", Gpu::Nvenc, None)).is_none());
        let fallback = "[h264 @ 0x1] Failed setup for format cuda: hwaccel initialisation returned error.";
        assert!(lost_pictures(fallback, &by("hevc_nvenc", Gpu::Nvenc, Some("cuda"))).is_none(), "decoded on the CPU");
    }
}
