//! Which audio tracks are kept, which one is the default, and which get another one in stereo beside them.

use std::collections::BTreeMap;

use super::tracks::{Track, Tracks, language_of, other_language};
use super::{Action, Refusal, StreamPlan, audio, build};
use crate::media::language::Language;
use crate::media::preset::{AudioCodec, AudioRules, Settings};
use crate::media::{Audio, Disposition, MediaInfo, Stream};

/// What becomes of every audio track, and the language of the one that plays by itself.
pub(super) struct Sound {
    pub tracks: Tracks,
    pub default_language: Option<Language>,
}

pub(super) fn plan(info: &MediaInfo, settings: &Settings, notes: &mut Vec<String>) -> Result<Sound, Refusal> {
    let rules = &settings.audio_rules;
    let mut reasons = dropped(info, rules);
    if !reasons.is_empty() && reasons.len() == info.audios().count() {
        reasons.clear();
        notes.push("the rules for audio would leave none: every track is kept".to_owned());
    }
    let kept: Vec<(&Stream, &Audio)> =
        info.audios().filter(|(stream, _)| !reasons.contains_key(&stream.index)).collect();
    let default = default_track(info, &kept, rules, notes);
    let mut planned = Vec::new();
    for (stream, audio) in &kept {
        let mut plan = build::keep(stream, audio::plan(stream, audio, settings, notes)?);
        if let Some(default) = default {
            plan.dispositions.remove(&Disposition::Default);
            if stream.index == default {
                plan.dispositions.insert(Disposition::Default);
            }
        }
        planned.push((*stream, *audio, plan));
    }
    let playing = planned.iter().find(|(_, _, plan)| plan.dispositions.contains(&Disposition::Default));
    let default_language = playing.or(planned.first()).and_then(|(stream, _, _)| language_of(stream));
    let mut tracks: Tracks = reasons.into_iter().map(|(index, reason)| (index, Track::Dropped(reason))).collect();
    let beside = if rules.compatibility { compatible(&planned) } else { BTreeMap::new() };
    for (stream, _, plan) in planned {
        let also = beside.get(&stream.index).cloned();
        tracks.insert(stream.index, Track::Kept([Some(plan), also].into_iter().flatten().collect()));
    }
    Ok(Sound { tracks, default_language })
}

/// Why each track that is left out is.
fn dropped(info: &MediaInfo, rules: &AudioRules) -> BTreeMap<u32, String> {
    let reason = |stream: &Stream| match other_language(stream, &rules.languages) {
        None if rules.drop_commentary && is_commentary(stream) => Some("it is a commentary".to_owned()),
        reason => reason,
    };
    info.audios().filter_map(|(stream, _)| Some((stream.index, reason(stream)?))).collect()
}

/// By its flag, or by its title where whoever made the file set none.
fn is_commentary(stream: &Stream) -> bool {
    let title = stream.title.as_deref().unwrap_or_default().to_lowercase();
    stream.dispositions.contains(&Disposition::Comment)
        || ["comment", "kommentar", "comentari"].iter().any(|word| title.contains(word))
}

/// The track to be marked as the default one; `None` leaves the marks as they are.
fn default_track(
    info: &MediaInfo,
    kept: &[(&Stream, &Audio)],
    rules: &AudioRules,
    notes: &mut Vec<String>,
) -> Option<u32> {
    if let Some(wanted) = &rules.default_language {
        let of_language = || kept.iter().map(|(stream, _)| stream).filter(|s| language_of(s).as_ref() == Some(wanted));
        let found = of_language().find(|stream| !is_commentary(stream)).or_else(|| of_language().next());
        match found {
            Some(stream) => return Some(stream.index),
            None => notes.push(format!("no audio track is in {wanted}: the default track stays the one that it is")),
        }
    }
    // A default track that is left out hands its mark on.
    let is_default = |stream: &Stream| stream.dispositions.contains(&Disposition::Default);
    let was_marked = info.audios().any(|(stream, _)| is_default(stream));
    let is_marked = kept.iter().any(|(stream, _)| is_default(stream));
    if was_marked && !is_marked { kept.first().map(|(stream, _)| stream.index) } else { None }
}

/// Stereo tracks to be added, by the stream that each is made of: for the first track of every language that has none.
fn compatible(planned: &[(&Stream, &Audio, StreamPlan)]) -> BTreeMap<u32, StreamPlan> {
    let is_feature = |stream: &Stream| {
        let other = [Disposition::VisualImpaired, Disposition::Descriptions, Disposition::CleanEffects];
        !is_commentary(stream) && !other.iter().any(|kind| stream.dispositions.contains(kind))
    };
    let channels = |plan: &StreamPlan| match &plan.action {
        Action::EncodeAudio(encode) => encode.channels,
        Action::CopyAudio { channels } => *channels,
        _ => 0,
    };
    let mut served: Vec<Option<Language>> = planned
        .iter()
        .filter(|(stream, _, plan)| is_feature(stream) && channels(plan) <= 2)
        .map(|(stream, _, _)| language_of(stream))
        .collect();
    let mut added = BTreeMap::new();
    for (stream, audio, plan) in planned.iter().filter(|(stream, _, plan)| is_feature(stream) && channels(plan) > 2) {
        let language = language_of(stream);
        if served.contains(&language) {
            continue;
        }
        served.push(language);
        let mut dispositions = plan.dispositions.clone();
        dispositions.remove(&Disposition::Default);
        let action = Action::EncodeAudio(audio::encode(audio, AudioCodec::Aac, 2));
        added.insert(
            stream.index,
            StreamPlan { action, dispositions, title: Some("Stereo".to_owned()), ..plan.clone() },
        );
    }
    added
}
