//! Sound and subtitles: which tracks are kept, as what, and which one is drawn into the picture.

use super::*;
use crate::media::language::Language;
use crate::media::preset::{AudioMode, DownmixLayout, Settings, SubtitleMode, TargetVideo};

fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = find_builtin("Balanced").unwrap().settings;
    change(&mut settings);
    settings
}

fn language(code: &str) -> Language {
    Language::parse(code).unwrap()
}

fn speaking(code: &str, stream: Stream) -> Stream {
    Stream { language: Some(code.to_owned()), dispositions: BTreeSet::new(), ..stream }
}

fn marked(mark: Disposition, stream: Stream) -> Stream {
    Stream { dispositions: [mark].into(), ..stream }
}

fn titled(title: &str, stream: Stream) -> Stream {
    Stream { title: Some(title.to_owned()), ..stream }
}

/// Indexes in the source of what is kept, and of what is not.
fn kept_and_dropped(intent: &Intent) -> (Vec<u32>, Vec<u32>) {
    let kept = intent.streams.iter().map(|stream| stream.source_index).collect();
    (kept, intent.dropped.iter().map(|dropped| dropped.source_index).collect())
}

/// English with a commentary, French, one that says nothing, and German under its other code.
fn many_tongues() -> MediaInfo {
    file(vec![
        video(|_| {}),
        marked(Disposition::Default, speaking("eng", audio(1, "ac3", 6))),
        titled("Director's Commentary", speaking("eng", audio(2, "ac3", 2))),
        speaking("fre", audio(3, "ac3", 6)),
        Stream { language: None, ..speaking("eng", audio(4, "ac3", 2)) },
        speaking("deu", audio(5, "ac3", 6)),
    ])
}

#[test]
fn only_the_languages_that_were_asked_for_are_kept_and_every_other_track_is_named() {
    let settings = settings(|s| s.audio_rules.languages = vec![language("fr"), language("de")]);
    let intent = plan(&many_tongues(), &settings).unwrap();
    assert_eq!(kept_and_dropped(&intent), (vec![0, 3, 4, 5], vec![1, 2]));
    assert!(intent.dropped[0].reason.contains("eng is not among"), "{}", intent.dropped[0].reason);
    let default = intent.streams.iter().find(|s| s.source_index != 0 && s.dispositions.contains(&Disposition::Default));
    assert_eq!(default.map(|s| s.source_index), Some(3), "the mark of the track that was left out is handed on");
}

#[test]
fn rules_that_would_leave_no_sound_do_not_apply() {
    let settings = settings(|s| {
        s.audio_rules.languages = vec![language("ja")];
        s.audio_rules.drop_commentary = true;
    });
    let source = file(vec![video(|_| {}), speaking("eng", audio(1, "ac3", 6)), speaking("fre", audio(2, "ac3", 6))]);
    let intent = plan(&source, &settings).unwrap();
    assert_eq!(kept_and_dropped(&intent), (vec![0, 1, 2], vec![]));
    assert!(intent.notes.iter().any(|note| note.contains("would leave none")), "{:?}", intent.notes);
}

#[test]
fn commentaries_go_by_their_mark_or_by_their_title() {
    let settings = settings(|s| s.audio_rules.drop_commentary = true);
    let mut source = many_tongues();
    source.streams[3] = marked(Disposition::Comment, source.streams[3].clone());
    let intent = plan(&source, &settings).unwrap();
    assert_eq!(kept_and_dropped(&intent), (vec![0, 1, 4, 5], vec![2, 3]));
}

#[test]
fn the_default_track_moves_to_the_language_that_was_asked_for() {
    let settings = settings(|s| s.audio_rules.default_language = Some(language("deu")));
    let intent = plan(&many_tongues(), &settings).unwrap();
    let defaults = intent.streams[1..].iter().filter(|stream| stream.dispositions.contains(&Disposition::Default));
    assert_eq!(defaults.map(|stream| stream.source_index).collect::<Vec<_>>(), [5]);
}

#[test]
fn a_language_without_stereo_gets_one_track_of_it_behind_its_first() {
    let settings = settings(|s| s.audio_rules.compatibility = true);
    let source = file(vec![
        video(|_| {}),
        marked(Disposition::Default, speaking("eng", audio(1, "truehd", 8))),
        speaking("eng", audio(2, "ac3", 6)),
        speaking("fre", audio(3, "ac3", 6)),
        speaking("fre", audio(4, "aac", 2)),
        titled("Commentary", speaking("ger", audio(5, "ac3", 2))),
        speaking("ger", audio(6, "ac3", 6)),
    ]);
    let intent = plan(&source, &settings).unwrap();
    assert_eq!(kept_and_dropped(&intent).0, [0, 1, 1, 2, 3, 4, 5, 6, 6]);
    let added = &intent.streams[2];
    assert!(
        matches!(&added.action, Action::EncodeAudio(encode) if encode.channels == 2 && encode.codec == AudioCodec::Aac),
        "{added:?}"
    );
    assert_eq!((added.language.as_deref(), added.title.as_deref()), (Some("eng"), Some("Stereo")));
    assert!(added.dispositions.is_empty() && intent.streams[1].dispositions.contains(&Disposition::Default));
}

#[test]
fn a_track_is_mixed_down_to_what_was_asked_for_and_never_up() {
    let downmix = |codec, layout| settings(|s| s.audio = AudioMode::Downmix { codec, layout });
    let encoded = |settings: &Settings, stream: Stream| match &plan(&file(vec![video(|_| {}), stream]), settings)
        .unwrap()
        .streams[1]
        .action
    {
        Action::EncodeAudio(encode) => (encode.channels, encode.layout.clone().unwrap_or_default()),
        Action::CopyAudio { channels } => (*channels, "copied".to_owned()),
        action => panic!("{action:?}"),
    };
    let surround = downmix(AudioCodec::Ac3, DownmixLayout::Surround51);
    assert_eq!(encoded(&surround, audio(1, "truehd", 8)), (6, "5.1(side)".to_owned()));
    assert_eq!(encoded(&surround, audio(1, "dts", 2)), (2, "stereo".to_owned()));
    assert_eq!(encoded(&surround, audio(1, "ac3", 6)), (6, "copied".to_owned()));
    let stereo = downmix(AudioCodec::Opus, DownmixLayout::Stereo);
    assert_eq!(encoded(&stereo, audio(1, "opus", 6)), (2, "stereo".to_owned()), "the codec alone is not enough");
    assert_eq!(encoded(&stereo, audio(1, "ac3", 1)), (1, "mono".to_owned()));
}

#[test]
fn what_transcoding_costs_is_said() {
    let settings = settings(|s| s.audio = AudioMode::Transcode(AudioCodec::Eac3));
    let atmos = Stream {
        profile: Some("Dolby TrueHD + Dolby Atmos".to_owned()),
        kind: StreamKind::Audio(Audio { channels: 8, layout: Some("7.1".to_owned()), sample_rate_hz: 96_000 }),
        ..audio(1, "truehd", 8)
    };
    let notes = plan(&file(vec![video(|_| {}), atmos]), &settings).unwrap().notes.join("\n");
    for part in ["Atmos objects go", "7.1 mixed down to 5.1(side)", "96000 Hz become 48000 Hz"] {
        assert!(notes.contains(part), "{part:?} is missing in {notes:?}");
    }
    let notes = plan(&file(vec![video(|_| {}), audio(1, "truehd", 8)]), &settings).unwrap().notes.join("\n");
    assert!(notes.contains("where it has any"), "older builds do not tell: {notes:?}");
}

#[test]
fn subtitles_are_kept_by_their_language_with_their_marks() {
    let settings = settings(|s| s.subtitle_rules.languages = vec![language("en")]);
    let source = file(vec![
        video(|_| {}),
        marked(Disposition::Forced, subtitle(1, "subrip")),
        speaking("fre", subtitle(2, "ass")),
        Stream { language: None, ..subtitle(3, "hdmv_pgs_subtitle") },
    ]);
    let intent = plan(&source, &settings).unwrap();
    assert_eq!(kept_and_dropped(&intent), (vec![0, 1, 3], vec![2]));
    assert_eq!(intent.streams[1].dispositions, [Disposition::Forced].into());
}

#[test]
fn converting_leaves_images_and_fonts_as_they_are() {
    let settings = settings(|s| s.subtitles = SubtitleMode::Convert);
    let font = StreamKind::Attachment { filename: Some("a.ttf".to_owned()), mime_type: None };
    let source = file(vec![
        video(|_| {}),
        subtitle(1, "ass"),
        subtitle(2, "subrip"),
        subtitle(3, "hdmv_pgs_subtitle"),
        stream(4, "ttf", font),
    ]);
    let intent = plan(&source, &settings).unwrap();
    assert_eq!(intent.streams[1].action, Action::ConvertSubtitle { to: TextSubtitle::Subrip });
    assert_eq!(intent.streams[2].action, Action::CopySubtitle);
    assert_eq!(intent.streams[3].action, Action::CopySubtitle);
    assert!(matches!(intent.streams[4].action, Action::CopyAttachment { .. }));
    assert!(intent.notes.iter().any(|note| note.contains("not their styles")), "{:?}", intent.notes);
}

/// The track that is drawn, of those given.
fn drawn(settings: &Settings, tracks: Vec<Stream>) -> (Option<u32>, Intent) {
    let mut streams = vec![video(|_| {}), speaking("eng", audio(1, "ac3", 6))];
    streams.extend(tracks);
    let intent = plan(&file(streams), settings).unwrap();
    let Action::EncodeVideo(encode) = &intent.streams[0].action else { panic!("not encoded") };
    (encode.burn_in.as_ref().map(|burn_in| burn_in.source_index), intent)
}

#[test]
fn the_track_that_explains_what_is_heard_is_drawn_before_others() {
    let burn = settings(|s| s.subtitles = SubtitleMode::Burn);
    let plain = |index, code| speaking(code, subtitle(index, "subrip"));
    let forced = |index, code| marked(Disposition::Forced, plain(index, code));
    let default = |index, code| marked(Disposition::Default, plain(index, code));
    for (tracks, wanted, what) in [
        (vec![plain(2, "eng"), forced(3, "fre"), forced(4, "eng")], 4, "forced, in the language that is heard"),
        (vec![default(2, "eng"), forced(3, "fre")], 3, "forced, in another"),
        (vec![plain(2, "eng"), default(3, "fre")], 3, "the default one"),
        (vec![plain(2, "eng"), plain(3, "fre")], 2, "the first"),
    ] {
        assert_eq!(drawn(&burn, tracks).0, Some(wanted), "{what}");
    }
    let french = settings(|s| {
        s.subtitles = SubtitleMode::Burn;
        s.subtitle_rules.burn_language = Some(language("fra"));
    });
    let (index, intent) = drawn(&french, vec![forced(2, "eng"), plain(3, "fre")]);
    assert_eq!(index, Some(3));
    assert_eq!(kept_and_dropped(&intent), (vec![0, 1, 2], vec![3]));
    assert!(intent.dropped[0].reason.contains("drawn into the picture"), "{}", intent.dropped[0].reason);
    assert!(intent.streams[0].describe().contains("subtitles #3 drawn in"), "{}", intent.streams[0].describe());
    let (none, intent) = drawn(&french, vec![plain(2, "eng")]);
    assert_eq!((none, kept_and_dropped(&intent).1), (None, vec![]), "nothing to draw is no failure");
    assert!(intent.notes.iter().any(|note| note.contains("all are kept")), "{:?}", intent.notes);
}

#[test]
fn drawing_takes_the_fonts_of_the_file_or_the_canvas_of_the_images() {
    let burn = settings(|s| s.subtitles = SubtitleMode::Burn);
    let attached = |index, name: &str, kind: &str| {
        let (filename, mime_type) = (Some(name.to_owned()), Some(kind.to_owned()));
        stream(index, "ttf", StreamKind::Attachment { filename, mime_type })
    };
    let tracks = vec![
        subtitle(2, "ass"),
        attached(3, "a.TTF", "application/octet-stream"),
        attached(4, "b", "font/otf"),
        attached(5, "notes.txt", "text/plain"),
    ];
    let drawing = |intent: &Intent| match &intent.streams[0].action {
        Action::EncodeVideo(encode) => encode.burn_in.clone().map(|burn_in| burn_in.drawing),
        _ => None,
    };
    let (_, intent) = drawn(&burn, tracks);
    assert_eq!(drawing(&intent), Some(Drawing::Text { fonts: vec![3, 4] }));
    assert_eq!(kept_and_dropped(&intent).0, [0, 1, 3, 4, 5], "attachments are kept");
    let known = StreamKind::Subtitle(Subtitle { form: crate::media::SubtitleForm::Image, canvas: Some((1920, 1080)) });
    let (_, intent) = drawn(&burn, vec![Stream { kind: known, ..subtitle(2, "hdmv_pgs_subtitle") }]);
    assert_eq!(drawing(&intent), Some(Drawing::Image { canvas: (1920, 1080) }));
    let (_, intent) = drawn(&burn, vec![subtitle(2, "dvd_subtitle")]);
    assert_eq!(drawing(&intent), Some(Drawing::Image { canvas: (1920, 1080) }), "of a picture of 1920x800");
}

#[test]
fn copied_pictures_cannot_be_drawn_on() {
    let settings = settings(|s| {
        s.video = TargetVideo::Copy;
        s.subtitles = SubtitleMode::Burn;
    });
    assert_eq!(plan(&file(vec![video(|_| {}), subtitle(1, "subrip")]), &settings), Err(Refusal::BurnIn));
    assert!(plan(&file(vec![video(|_| {})]), &settings).is_ok(), "there is nothing to draw");
}

#[test]
fn the_mobile_preset_draws_one_track_and_keeps_the_others_as_text() {
    let streams = vec![video(|_| {}), audio(1, "aac", 2), subtitle(2, "ass"), speaking("fre", subtitle(3, "subrip"))];
    let intent = planned("Mobile Optimized", streams).unwrap();
    assert_eq!(kept_and_dropped(&intent), (vec![0, 1, 3], vec![2]));
    assert_eq!(intent.streams[2].action, Action::ConvertSubtitle { to: TextSubtitle::MovText });
    let images = vec![video(|_| {}), subtitle(1, "hdmv_pgs_subtitle"), subtitle(2, "hdmv_pgs_subtitle")];
    let refusal = planned("Mobile Optimized", images).unwrap_err();
    assert!(refusal.to_string().contains("drop_image_subtitles"), "{refusal}");
    let without = planned("Mobile Optimized", vec![video(|_| {}), audio(1, "aac", 2)]).unwrap();
    let said = without.notes.iter().any(|note| note.contains("subtitle"));
    assert!(!said && without.dropped.is_empty(), "{:?}", without.notes);
}
