use mediaflow_core::event::Event;
use mediaflow_core::job::Ending;
use mediaflow_store::Outcome;

use super::*;
use crate::scan::fixture::{Library, clip};

fn library() -> Library {
    let library = Library::new();
    library.put("Heat (1995).mkv", &clip("libx264", "mkv", &["-crf", "5"]));
    library.put("Alien (1979).avi", &clip("mpeg4", "avi", &[]));
    library.put("New (2020).mkv", &clip("libx265", "mkv", &["-x265-params", "log-level=none"]));
    library.scan().unwrap();
    library
}

fn run(library: &Library) -> AnalysisSummary {
    analyze(library.store(), None, "test", &Thresholds::default(), &Cancel::new()).unwrap()
}

/// Title and preset of what is recommended, most urgent first.
fn open(library: &Library) -> Vec<(String, String)> {
    let open = library.store().read(|reader| reader.recommendations_open(100, 0)).unwrap();
    open.into_iter().map(|one| (one.title, one.preset)).collect()
}

fn pair(title: &str, preset: &str) -> (String, String) {
    (title.to_owned(), preset.to_owned())
}

#[test]
fn real_files_are_recommended_once_for_each_reason() {
    let library = library();
    let first = run(&library);
    let expected = [
        pair("Alien (1979): AVI to Matroska", "Remux"),
        pair("Alien (1979): MPEG-4 to HEVC", "Balanced"),
        pair("Heat (1995): H.264 to HEVC", "Balanced"),
    ];
    assert_eq!(open(&library), expected);
    assert_eq!((first.files, first.recommendations), (3, 3));
    let (alien, heat) = (library.file("Alien (1979).avi"), library.file("Heat (1995).mkv"));
    let size = |file: &mediaflow_store::File| file.stat.unwrap().size_bytes;
    assert_eq!(first.savings_bytes, size(&alien) * 600 / 1000 + size(&heat) * 450 / 1000);

    let second = run(&library);
    assert_eq!(open(&library), expected, "a second run adds nothing");
    assert_eq!(second.savings_bytes, first.savings_bytes);
    let events = library.store().read(|reader| reader.events_after(0, 100)).unwrap();
    let savings_bytes = first.savings_bytes;
    let ended = |run_id| Event::AnalysisCompleted { run_id, library_id: None, recommendations: 3, savings_bytes };
    for run_id in [first.run_id, second.run_id] {
        assert!(events.iter().any(|logged| logged.event == ended(run_id)), "{events:?}");
    }
}

#[test]
fn what_was_judged_is_left_alone_until_the_file_changes() {
    let library = library();
    let policy = find_builtin("Balanced").unwrap().settings.policy();
    let heat = library.file("Heat (1995).mkv").content.unwrap();
    let verdict = Verdict::NotWorthIt { reason: "2 % smaller".to_owned() };
    library.store().write(|tx| tx.verdict_put(&heat, &policy, &verdict)).unwrap();

    let summary = run(&library);
    let alien = [pair("Alien (1979): AVI to Matroska", "Remux"), pair("Alien (1979): MPEG-4 to HEVC", "Balanced")];
    assert_eq!(open(&library), alien);
    let reasons: Vec<&str> = summary.left_alone.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(reasons, ["not worth it: 2 % smaller"]);

    library.put("Heat (1995).mkv", &clip("libx264", "mkv", &["-crf", "4"]));
    library.scan().unwrap();
    assert_eq!(run(&library).left_alone, []);
    assert_eq!(open(&library).len(), 3);
}

#[test]
fn our_own_mark_is_believed_when_the_database_is_a_new_one() {
    let balanced = find_builtin("Balanced").unwrap().settings.policy();
    let mobile = find_builtin("Mobile Optimized").unwrap().settings.policy();
    let remux = find_builtin("Remux").unwrap().settings.policy();
    // What was encoded once is not encoded again; a remux left the pictures as they were.
    for (policy, is_left_alone) in [(balanced, true), (mobile, true), (remux, false)] {
        let library = Library::new();
        let tag = format!("{}={}", mediaflow_core::media::tag::KEY, Mark::new("job1", &policy).render());
        library.put("Heat (1995).mkv", &clip("libx264", "mkv", &["-crf", "5", "-metadata", &tag]));
        library.scan().unwrap();
        let summary = run(&library);
        assert_eq!(summary.left_alone.len(), usize::from(is_left_alone), "{policy}");
        assert_eq!(open(&library).is_empty(), is_left_alone, "{policy}");
    }
}

/// What a file of this library would lose, in bytes, and how sure that is.
fn promised(library: &Library, name: &str) -> (u64, f64) {
    run(library);
    let open = library.store().read(|reader| reader.recommendations_open(100, 0)).unwrap();
    let one = open.into_iter().find(|one| one.title.starts_with(name) && one.kind == "codec_upgrade").unwrap();
    (one.savings_bytes, one.confidence)
}

#[test]
fn finished_jobs_of_films_like_it_teach_the_estimate_and_short_or_unlike_ones_do_not() {
    let library = library();
    let heat = library.file("Heat (1995).mkv");
    let info = library.store().read(|r| r.probe(heat.id)).unwrap().unwrap().info;
    let (clip_bytes, clip_us) = (info.size_bytes, info.duration_us.unwrap());
    let tier = info.videos().next().unwrap().1.tier().to_string();
    let before = promised(&library, "Heat");
    assert_eq!(before, (clip_bytes * 450 / 1000, 0.5));
    // Of the same bitrate, so many times as long.
    let outcome = |job_id, times: u64, kept_percent: u64, preset: &str, ending| Outcome {
        job_id,
        file_id: None,
        title: String::new(),
        preset: preset.to_owned(),
        ending,
        reason: String::new(),
        source_codec: Some("h264".to_owned()),
        source_resolution: Some(tier.clone()),
        source_bytes: clip_bytes * times,
        target_codec: Some("hevc".to_owned()),
        target_resolution: Some(tier.clone()),
        target_bytes: Some(clip_bytes * times * kept_percent / 100),
        encoder: Some("libx265".to_owned()),
        media_duration_us: Some(clip_us * i64::try_from(times).unwrap()),
        work_duration_us: None,
        average_fps: None,
    };
    let put = |outcomes: &[Outcome]| {
        library.store().write(|tx| outcomes.iter().try_for_each(|one| tx.outcome_put(one).map(drop))).unwrap();
    };
    put(&vec![outcome(1, 1, 5, "Balanced", Ending::Replaced); 5]);
    let after_clips = promised(&library, "Heat");
    assert!(after_clips.0.abs_diff(before.0) < clip_bytes / 100, "five clips: {after_clips:?}, before {before:?}");
    assert!(after_clips.1 < 0.55, "{after_clips:?}");

    let film = u64::try_from(3_600_000_000 / clip_us).unwrap();
    put(&vec![outcome(2, film, 5, "Storage Saver", Ending::Replaced); 50]);
    put(&vec![outcome(3, film, 5, "Balanced", Ending::Failed); 50]);
    assert_eq!(promised(&library, "Heat"), after_clips, "another preset and no result teach nothing");

    put(&vec![outcome(4, film, 90, "Balanced", Ending::NotWorthIt); 30]);
    let (bytes, confidence) = promised(&library, "Heat");
    assert!(bytes < clip_bytes * 15 / 100 && confidence > 0.8, "{bytes} of {clip_bytes}, {confidence}");
}
