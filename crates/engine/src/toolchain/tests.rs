//! Real programs; for broken and mismatched pairs, scripts that print what such a program prints.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mediaflow_core::media::hardware::{EncodedBy, Gpu};
use mediaflow_core::media::preset::{RateControl, Settings, SubtitleMode, TargetVideo};
use mediaflow_ffmpeg::encoder::VideoEncoder;
use mediaflow_ffmpeg::failure::Device;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::tools::on_path;

use super::*;

fn given(ffmpeg: &Path, ffprobe: Option<&Path>, data_dir: &Path) -> Result<Toolchain, ToolError> {
    let options = ToolOptions {
        ffmpeg: Some(ffmpeg.to_owned()),
        ffprobe: ffprobe.map(Path::to_owned),
        data_dir: data_dir.to_owned(),
    };
    Toolchain::discover(&options, &Cancel::new())
}

fn on_machine(data_dir: &Path) -> Toolchain {
    let options = ToolOptions { data_dir: data_dir.to_owned(), ..ToolOptions::default() };
    Toolchain::discover(&options, &Cancel::new()).unwrap()
}

/// A program that prints the version it claims, and nothing else.
fn claims(path: PathBuf, program: &str, version: &str) -> PathBuf {
    fs::write(&path, format!("#!/bin/sh\necho '{program} version {version} Copyright'\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

fn report<'r>(reports: &'r [EncoderReport], name: &str) -> &'r EncoderReport {
    reports.iter().find(|report| report.name == name).unwrap()
}

#[test]
fn the_machines_own_pair_is_found_and_read() {
    let data = tempfile::tempdir().unwrap();
    let tools = on_machine(data.path());
    assert!(tools.ffmpeg.is_file() && tools.ffprobe.is_file());
    assert!(tools.build.encoders.contains("libx264"), "{:?}", tools.build.encoders);
    assert!(tools.build.filters.contains("ssim"), "{:?}", tools.build.filters);
    assert!(tools.version().chars().any(|c| c.is_ascii_digit()), "{}", tools.version());
}

#[test]
fn an_encoder_counts_only_if_it_encoded() {
    let data = tempfile::tempdir().unwrap();
    let tools = on_machine(data.path());
    let cancel = Cancel::new();
    let x264 = tools.try_encoder("libx264", &cancel).unwrap();
    assert!(x264.works && x264.reason.is_none(), "{x264:?}");
    let x265 = tools.try_encoder("libx265", &cancel).unwrap();
    assert!(x265.works && x265.ten_bit && x265.two_pass, "{x265:?}");
    assert!(tools.try_encoder("aac", &cancel).unwrap().works);
    let unknown = tools.try_encoder("no_such_encoder", &cancel).unwrap();
    assert_eq!((unknown.works, unknown.ten_bit), (false, false));
    assert_eq!(unknown.reason.unwrap(), "this build of ffmpeg does not have it");
    if !Path::new("/dev/nvidia0").exists() && tools.build.encoders.contains("hevc_nvenc") {
        let nvenc = tools.try_encoder("hevc_nvenc", &cancel).unwrap();
        assert!(!nvenc.works && nvenc.reason.is_some(), "compiled in but without hardware: {nvenc:?}");
    }
}

/// An option that ffmpeg does not know, or a value out of its range, is told before any device is looked for.
#[test]
fn what_hardware_is_tried_with_is_understood_by_this_ffmpeg() {
    let data = tempfile::tempdir().unwrap();
    let tools = on_machine(data.path());
    for encoder in VideoEncoder::all_on_hardware().filter(|encoder| tools.build.encoders.contains(encoder.name())) {
        let report = tools.try_encoder(encoder.name(), &Cancel::new()).unwrap();
        let reason = report.reason.unwrap_or_default();
        for wrong in ["option", "Undefined constant", "Numerical result out of range"] {
            assert!(!reason.contains(wrong), "{}: {reason}", encoder.name());
        }
    }
}

#[test]
fn two_passes_count_only_where_the_first_one_leaves_something() {
    let data = tempfile::tempdir().unwrap();
    let tools = on_machine(data.path());
    let x264 = tools.try_encoder("libx264", &Cancel::new()).unwrap();
    let svt_av1 = tools.try_encoder("libsvtav1", &Cancel::new()).unwrap();
    assert!(x264.two_pass && svt_av1.works && !svt_av1.two_pass, "{x264:?} {svt_av1:?}");
    let trials = Trials { encoders: vec![x264, svt_av1], decoders: Vec::new() };
    let two_passes =
        |video| Settings { video, two_pass: true, rate: RateControl::Bitrate(2_000_000), ..Settings::remux() };
    assert_eq!(trials.obstacle(&two_passes(TargetVideo::H264)), None);
    let obstacle = trials.obstacle(&two_passes(TargetVideo::Av1)).unwrap();
    assert!(obstacle.contains("libsvtav1") && obstacle.contains("choose one pass"), "{obstacle}");
    assert_eq!(trials.obstacle(&Settings { two_pass: false, ..two_passes(TargetVideo::Av1) }), None);
}

#[test]
fn hardware_that_worked_and_fails_is_not_used_again_until_it_is_tried_again() {
    let data = tempfile::tempdir().unwrap();
    let tools = on_machine(data.path());
    if Path::new("/dev/nvidia0").exists() || !tools.build.encoders.contains("hevc_nvenc") {
        eprintln!("skipped: this needs an ffmpeg with NVENC on a machine without it");
        return;
    }
    let (hevc, nvenc) = (TargetVideo::Hevc, VideoEncoder::on(Gpu::Nvenc, TargetVideo::Hevc));
    let worked = EncoderReport {
        name: nvenc.name().to_owned(),
        works: true,
        ten_bit: true,
        two_pass: false,
        reason: None,
        ten_bit_reason: None,
    };
    tools.remember(&Trials { encoders: vec![worked], decoders: Vec::new() });
    let devices = Devices::of(&tools);
    assert_eq!(devices.known().unwrap().gpus(), [Gpu::Nvenc], "as it was when the driver was there");
    let by = EncodedBy {
        encoder: nvenc.name().to_owned(),
        gpu: nvenc.gpu,
        decoder: None,
        pixel_format: "p010le".to_owned(),
        notes: Vec::new(),
        instead_of: None,
    };
    devices.look_again(Device::Encoder, &by, &Cancel::new());
    let found = devices.trials(&Cancel::new()).unwrap();
    assert!(found.gpus().is_empty() && found.encoders[0].reason.as_deref().is_some_and(|why| why.contains("libcuda")));
    assert_eq!(tools.known_trials().as_ref(), Some(&found), "the next process knows it too");
    let tried = devices.try_again(&Cancel::new()).unwrap();
    assert!(report(&tried.encoders, VideoEncoder::cpu(hevc).name()).works, "all of it was tried");
}

#[test]
fn what_was_tried_is_remembered_until_the_program_changes() {
    let data = tempfile::tempdir().unwrap();
    // A link to the real one, with a script in between that counts its runs.
    let real = on_machine(data.path());
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("runs");
    for (name, target) in [("ffmpeg", &real.ffmpeg), ("ffprobe", &real.ffprobe)] {
        let script = format!("#!/bin/sh\necho >>'{}'\nexec '{}' \"$@\"\n", log.display(), target.display());
        fs::write(dir.path().join(name), script).unwrap();
        fs::set_permissions(dir.path().join(name), Permissions::from_mode(0o755)).unwrap();
    }
    let runs = || fs::read_to_string(&log).unwrap_or_default().lines().count();
    let ffmpeg = dir.path().join("ffmpeg");

    let first = given(&ffmpeg, None, data.path()).unwrap();
    let tried = first.trials(&Cancel::new()).unwrap();
    assert_eq!((tried.encoders.len(), tried.decoders.len()), (21, 3));
    assert!(report(&tried.encoders, "libx264").works);
    let after_first = runs();
    let second = given(&ffmpeg, None, data.path()).unwrap();
    assert_eq!(second.build, first.build);
    assert_eq!(second.trials(&Cancel::new()).unwrap(), tried);
    assert_eq!(runs(), after_first, "a second start ran the program again");

    // The program is updated: longer than before.
    let mut script = fs::read(&ffmpeg).unwrap();
    script.extend_from_slice(b"# new\n");
    fs::write(&ffmpeg, script).unwrap();
    given(&ffmpeg, None, data.path()).unwrap();
    assert!(runs() > after_first, "an updated program was taken for the old one");
}

#[test]
fn a_pair_of_two_builds_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let ffmpeg = claims(dir.path().join("ffmpeg"), "ffmpeg", "7.1");
    let ffprobe = claims(dir.path().join("ffprobe"), "ffprobe", "6.0");
    let error = given(&ffmpeg, Some(&ffprobe), dir.path()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ToolError::Mismatch { .. }), "{text}");
    assert!(text.contains("7.1") && text.contains("6.0"), "{text}");
}

#[test]
fn a_given_program_is_never_silently_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let error = given(&dir.path().join("ffmpeg"), Some(Path::new("/usr/bin/ffprobe")), dir.path()).unwrap_err();
    assert!(error.to_string().contains(&dir.path().display().to_string()), "{error}");

    let alone = claims(dir.path().join("ffmpeg"), "ffmpeg", "7.1");
    let error = given(&alone, None, dir.path()).unwrap_err();
    assert!(error.to_string().contains("FFPROBE_PATH"), "{error}");

    let other = claims(dir.path().join("ffmpeg"), "something", "else");
    let ffprobe = claims(dir.path().join("ffprobe"), "ffprobe", "7.1");
    let error = given(&other, Some(&ffprobe), dir.path()).unwrap_err();
    assert!(matches!(error, ToolError::NotFfmpeg { .. }), "{error}");
}

#[test]
fn the_better_build_wins_and_a_given_one_always() {
    // Only where a full build was brought for the tests.
    let (Some(full), Some(probe)) =
        (std::env::var_os("MEDIAFLOW_TEST_FFMPEG"), std::env::var_os("MEDIAFLOW_TEST_FFPROBE"))
    else {
        eprintln!("skipped: MEDIAFLOW_TEST_FFMPEG and MEDIAFLOW_TEST_FFPROBE name no full build");
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let managed = managed::dir(data.path());
    fs::create_dir_all(&managed).unwrap();
    std::os::unix::fs::symlink(full, managed.join("ffmpeg")).unwrap();
    std::os::unix::fs::symlink(probe, managed.join("ffprobe")).unwrap();
    let found = on_machine(data.path());
    assert!(found.has_vmaf(), "{found:?}");
    let system = on_path("ffmpeg").remove(0);
    let asked_for = given(&system, None, data.path()).unwrap();
    assert_eq!((asked_for.ffmpeg, asked_for.origin), (system, Origin::Given));
}

#[test]
fn a_cancel_ends_the_search() {
    let data = tempfile::tempdir().unwrap();
    let cancel = Cancel::new();
    cancel.cancel();
    let options = ToolOptions { data_dir: data.path().to_owned(), ..ToolOptions::default() };
    assert!(Toolchain::discover(&options, &cancel).unwrap_err().is_cancelled());
}

/// Downloads 130 MB: part of `./test.sh --full`.
#[test]
#[ignore = "downloads 130 MB"]
fn the_managed_build_is_installed_once_and_heals() {
    let data = tempfile::tempdir().unwrap();
    // What an install that was killed leaves behind.
    fs::create_dir_all(data.path().join("tools/installing/wheels")).unwrap();
    let mut said = Vec::new();
    let mut install = || install_managed(data.path(), &Cancel::new(), &mut |line| said.push(line.to_owned())).unwrap();
    let first = install();
    assert!(!first.already_there);
    assert!(install().already_there);
    // A damaged program is replaced.
    fs::write(first.dir.join("ffprobe"), "broken").unwrap();
    let healed = install();
    assert_eq!((healed.already_there, healed.version), (false, first.version));
    assert!(!data.path().join("tools/installing").exists());
    assert_eq!(said.len(), 4, "{said:?}");
    let found = on_machine(data.path());
    assert_eq!((found.origin, found.has_vmaf()), (Origin::Managed, true));
}

#[test]
fn a_build_without_libass_refuses_to_draw_text_and_nothing_else() {
    let film = |subtitle: &str| {
        let json = format!(
            r#"{{"format":{{"format_name":"matroska,webm"}},"streams":[
                {{"index":0,"codec_type":"video","codec_name":"h264","pix_fmt":"yuv420p","width":640,"height":360}},
                {{"index":1,"codec_type":"subtitle","codec_name":"{subtitle}","width":640,"height":360}}]}}"#
        );
        let info = mediaflow_ffmpeg::probe::parse(json.as_bytes()).unwrap();
        let settings = Settings { subtitles: SubtitleMode::Burn, video: TargetVideo::Hevc, ..Settings::remux() };
        mediaflow_core::plan::plan(&info, &settings).unwrap()
    };
    let data = tempfile::tempdir().unwrap();
    let mut tools = on_machine(data.path());
    assert_eq!(Devices::of(&tools).obstacle(&film("subrip")), None);
    tools.build.filters.remove("subtitles");
    let devices = Devices::of(&tools);
    let obstacle = devices.obstacle(&film("subrip")).unwrap();
    assert!(obstacle.contains("without libass"), "{obstacle}");
    assert_eq!(devices.obstacle(&film("hdmv_pgs_subtitle")), None, "images need none");
}
