//! Good outputs of the real pipeline, spoiled: the proof must reject every spoiled one and accept every control.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod item;
mod output;
mod row;
#[path = "../support/tools.rs"]
mod tools;

use std::fs;

use mediaflow_core::media::preset::{
    AudioCodec, AudioMode, DownmixLayout, HdrMode, RateControl, Settings, SubtitleMode,
};
use mediaflow_testkit::dynamic::Dynamic::{Both, Profile81};

use crate::item::Item;
use crate::item::Source::{Dynamic, Reduced, ReducedHdr10, Small, Voices, Whole};
use crate::output::GoodOutput;
use crate::row::Row;
use crate::tools::tools_or_skip;

const ALL: fn(&str) -> bool = |_| true;
/// Sound is only compared by its loudness where it was encoded anew; the rest of such an output is as in the others.
/// The channels of the clip have one rhythm: who changed places cannot be heard by its loudness.
const SOUND: fn(&str) -> bool =
    |name| name.starts_with("audio") && name != "audio swapped" || matches!(name, "copy" | "encoded again");

const MIXED: fn(&str) -> bool = |name| {
    matches!(name, "audio swapped" | "audio one-sided" | "copy")
        || name.starts_with("audio without")
        || name == "audio mixed again"
};

const BURNT: fn(&str) -> bool = |name| name.starts_with("burn-in") || name == "copy";

const METADATA: fn(&str) -> bool = |name| name.starts_with("metadata") || name == "copy";

const ADDED: fn(&str) -> bool = |name| matches!(name, "audio added silent" | "copy");

const LEFT_OR_CONVERTED: fn(&str) -> bool =
    |name| matches!(name, "empty" | "half" | "pictures stop" | "subtitle late" | "subtitle event gone");

/// What pictures and sound of the other film do not have.
const TEXT: fn(&str) -> bool = |name| {
    ["subtitle", "attachment", "chapter", "disposition", "language", "title"].iter().any(|kind| name.starts_with(kind))
        || matches!(name, "copy" | "encoded again")
};

const TONE: fn(&str) -> bool = |name| name.starts_with("tone") || name == "copy";

#[test]
fn spoiled_dynamic_metadata_is_rejected_by_the_one_check_that_looks_at_it() {
    let rows =
        run(&[Item::of(Dynamic(Profile81), "Balanced", METADATA), Item::of(Dynamic(Both), "Balanced", METADATA)]);
    let spoiled = rows.iter().filter(|row| row.variant.starts_with("metadata"));
    let others: Vec<_> =
        spoiled.filter(|row| !row.found.starts_with("dynamic hdr #0") || row.found.contains(" | ")).collect();
    assert!(
        others.is_empty(),
        "caught by other checks too: {}",
        others.iter().map(ToString::to_string).collect::<String>()
    );
    let kinds = ["gone", "late", "of one", "unnamed", "misnamed"].len();
    assert!(rows.is_empty() || rows.iter().filter(|row| row.variant.starts_with("metadata")).count() == 2 * kinds);
}

#[test]
fn subtitles_that_are_not_in_the_picture_are_missed_by_the_one_check_that_looks_for_them() {
    let rows =
        run(&[Item::of(Reduced("S02E05"), "Balanced", BURNT).with(|settings| settings.subtitles = SubtitleMode::Burn)]);
    let found = |name: &str| rows.iter().find(|row| row.variant == name).map_or("", |row| row.found.as_str());
    for name in ["burn-in missing", "burn-in late", "burn-in other"] {
        let found = found(name);
        assert!(rows.is_empty() || found.contains("burn-in #2: its text is missing"), "{name}: {found:?}");
    }
    assert!(rows.iter().filter(|row| row.is_good).count() >= 3 || rows.is_empty());
}

#[test]
fn hdr_that_was_mapped_wrongly_is_rejected_by_how_the_picture_looks() {
    let rows = run(&[
        Item::of(ReducedHdr10("Northern Sky"), "Balanced", TONE).with(|settings| settings.hdr = HdrMode::ToneMap)
    ]);
    let is_look = |check: &str| ["quality #0", "planes #0", "tone #0"].iter().any(|name| check.starts_with(name));
    for row in rows.iter().filter(|row| !row.is_good) {
        assert!(row.found.split(" | ").all(is_look), "{} was to be caught by its look alone: {row}", row.variant);
    }
    assert!(rows.is_empty() || rows.iter().filter(|row| row.is_good).count() == 3, "untouched, copy, again");
}

/// A mix is compared channel by channel, and so is a track that is made besides.
#[test]
fn sound_that_was_mixed_wrongly_is_rejected() {
    let stereo = |settings: &mut Settings| {
        settings.audio = AudioMode::Downmix { codec: AudioCodec::Aac, layout: DownmixLayout::Stereo };
    };
    let rows = run(&[
        Item::of(Voices, "Balanced", MIXED).with(stereo),
        Item::of(Voices, "Balanced", ADDED).with(|settings| settings.audio_rules.compatibility = true),
    ]);
    for name in ["audio without centre", "audio swapped", "audio mixed again", "audio added silent"] {
        assert!(rows.is_empty() || rows.iter().any(|row| row.variant == name), "{name} was not made");
    }
}

/// A second pass that did not run, or not to its end, leaves nothing, a part, or pictures that stop.
#[test]
fn what_a_second_pass_did_not_finish_and_converted_subtitles_that_are_wrong_are_rejected() {
    let rows = run(&[Item::of(Reduced("S02E05"), "Balanced", LEFT_OR_CONVERTED).with(|settings| {
        settings.rate = RateControl::Bitrate(400_000);
        settings.two_pass = true;
        settings.subtitles = SubtitleMode::Convert;
    })]);
    let of = |names: &[&str]| rows.iter().filter(|row| names.contains(&row.variant)).count();
    assert!(rows.is_empty() || of(&["empty", "half", "pictures stop"]) == 3);
    for row in rows.iter().filter(|row| matches!(row.variant, "subtitle late" | "subtitle event gone")) {
        assert!(row.found.starts_with("subtitles #"), "its text was to give it away: {row}");
    }
}

#[test]
fn every_spoiled_output_is_rejected_and_every_good_one_is_accepted() {
    run(&[
        Item::of(Reduced("Three Voices"), "Balanced", ALL),
        Item::of(Small("S02E05"), "Balanced", TEXT),
        Item::of(Reduced("Three Voices"), "Storage Saver", SOUND),
    ]);
}

/// A cover, image subtitles, HDR10, uneven frames, and containers that frame their packets differently.
#[test]
#[ignore = "long: ./test.sh --full"]
fn every_spoiled_output_of_other_sources_is_rejected_too() {
    run(&[
        Item::of(Reduced("S02E05"), "Balanced", ALL),
        Item::of(Whole("Quiet Letters"), "Balanced", ALL),
        Item::of(Whole("Mandelbrot"), "Balanced", ALL),
        Item::of(Whole("Northern Sky"), "Balanced", ALL),
        Item::of(Whole("Uneven Steps"), "Balanced", ALL),
        Item::of(Whole("S01E01"), "Balanced", ALL),
        Item::of(Whole("Paper Boats"), "Storage Saver", ALL),
    ]);
}

fn run(items: &[Item]) -> Vec<Row> {
    let home = tempfile::tempdir().unwrap();
    let Some(tools) = tools_or_skip(home.path()) else { return Vec::new() };
    println!("{:<28}  {:<18} {:<10} caught by: what it measured", "output", "variant", "proof");
    let mut rows = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let dir = home.path().join(number.to_string());
        fs::create_dir(&dir).unwrap();
        let output = GoodOutput::make(item, &tools, &dir);
        rows.extend(output.prove_variants(item, &dir));
        fs::remove_dir_all(&dir).unwrap();
    }
    let wrong: Vec<String> = rows.iter().filter(|row| !row.is_right()).map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{} of {} were judged wrongly:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    rows
}
