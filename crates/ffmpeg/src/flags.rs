//! Flags of a user's own: ffmpeg's words, of which only those are taken that tune the video encoder or filter its
//! pictures.
//!
//! Everything that could name another input or output, leave out or add a stream, or read or write a file is refused by
//! not being among them; so is what the plan decides (rate, size, pixel format, colours), because a proof against the plan
//! would fail.

use mediaflow_core::media::preset::{EncoderFlag, TargetVideo};
use mediaflow_core::text::quoted;

/// Why flags are not taken: which one, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// Nobody types that much.
    #[error("they are longer than {MOST_BYTES} bytes")]
    TooLong,
    /// The text is no list of words.
    #[error("a quotation mark is not closed")]
    Quoting,
    /// A word where a flag was expected.
    #[error("{0:?} is no flag: give flags and their values in pairs, such as -bf 4")]
    NotAFlag(String),
    /// A flag at the end.
    #[error("-{0} has no value")]
    NoValue(String),
    /// A flag that is none of those.
    #[error("-{name} cannot be given for {encoder}; what can: {known}")]
    Unknown {
        /// The flag's name.
        name: String,
        /// The encoder.
        encoder: &'static str,
        /// Those that can.
        known: String,
    },
    /// A parameter or filter that may not be used.
    #[error("{what:?} cannot be given in -{name}: {why}")]
    Forbidden {
        /// The flag's name.
        name: String,
        /// The parameter or filter.
        what: String,
        /// Why.
        why: &'static str,
    },
}

/// How long all flags together may be, in bytes.
pub const MOST_BYTES: usize = 1000;

/// Options of the encoders, as ffmpeg names them, that change how bits are spent and nothing else.
const COMMON: &str = "g preset qmin qmax";
/// What ffmpeg hands on to x264 and x265 only: with SVT-AV1 the output of 5.1 and 8.0 is the same with and without.
const X26X: &str = "bf keyint_min refs threads";
const X264: &str = "\
    profile level aq-mode aq-strength psy psy-rd rc-lookahead weightb weightp b-bias b-pyramid b_strategy \
    mixed-refs 8x8dct fast-pskip mbtree deblock partitions direct-pred motion-est me_range subq trellis coder \
    qcomp chromaoffset sc_threshold noise_reduction forced-idr x264-params";
const X265: &str = "profile forced-idr x265-params";
const SVT_AV1: &str = "svtav1-params";

/// Options that take a whole number.
const NUMBERS: &str = "g keyint_min bf refs qmin qmax threads";

/// What may stand in `-x264-params` and its like, also with `no-` before it. Left out is what reads or writes files, and
/// what the preset's other fields decide; encoders pass over words that they do not know, so that a wrong one would seem to
/// work.
const X264_PARAMS: &str = "\
    8x8dct analyse aq-mode aq-strength b-adapt b-bias b-pyramid bframes cabac chroma-me chroma-qp-offset cplxblur \
    dct-decimate deadzone-inter deadzone-intra deblock direct fast-pskip intra-refresh ipratio keyint \
    lookahead-threads mbtree me merange min-keyint mixed-refs nr open-gop partitions pbratio psy psy-rd qblur qcomp \
    qpmax qpmin qpstep rc-lookahead ref scenecut sliced-threads slices subme threads trellis weightb weightp";
const X265_PARAMS: &str = "\
    amp analyze-src-pics aq-mode aq-motion aq-strength b-adapt b-intra b-pyramid bframe-bias bframes cbqpoffs \
    constrained-intra crqpoffs ctu cu-lossless cutree deblock dynamic-rd early-skip fades fast-intra frame-threads \
    gop-lookahead hevc-aq hist-scenecut hme ipratio keyint limit-modes limit-refs limit-sao limit-tu lookahead-slices \
    lookahead-threads max-merge max-tu-size mcstf me merange min-cu-size min-keyint nr-inter nr-intra open-gop \
    pbratio pme pmode pools psy-rd psy-rdoq qcomp qg-size qpmax qpmin qpstep radl rc-grain rc-lookahead rd rd-refine \
    rdoq-level rect ref rskip rskip-edge-threshold sao sao-non-deblock scenecut scenecut-bias selective-sao signhide \
    slices splitrd-skip ssim-rd strong-intra-smoothing subme temporal-mvp tskip tskip-fast tu-inter-depth \
    tu-intra-depth weightb weightp wpp";
const SVT_AV1_PARAMS: &str = "\
    aq-mode enable-cdef enable-dlf enable-overlays enable-qm enable-restoration enable-tf enable-variance-boost \
    fast-decode film-grain film-grain-denoise hierarchical-levels irefresh-type keyint lookahead lp max-qp min-qp \
    qm-max qm-min scd scm sharpness tile-columns tile-rows tune variance-boost-strength variance-octile";

/// Filters that clean or sharpen pictures and leave their size, number, format and colours alone; none reads a file.
const FILTERS: &str = "\
    atadenoise bm3d cas chromanr deband deblock dedot deflicker fftdnoiz gradfun hqdn3d nlmeans owdenoise \
    removegrain smartblur unsharp vaguedenoiser";

/// The pair under which filters are kept.
pub const FILTER: &str = "vf";

/// The values of the flags of a name, in order.
pub fn values<'a>(flags: &'a [EncoderFlag], name: &'a str) -> impl Iterator<Item = &'a str> {
    flags.iter().filter(move |flag| flag.name == name).map(|flag| flag.value.as_str())
}

/// Flags as they are typed.
#[must_use]
pub fn text(flags: &[EncoderFlag]) -> String {
    let words = flags.iter().map(|flag| format!("-{} {}", flag.name, quoted(&flag.value)));
    words.collect::<Vec<_>>().join(" ")
}

/// Reads flags as they are typed on a command line.
///
/// # Errors
/// [`FlagError`] for the first one that is not taken.
pub fn parse(text: &str, video: TargetVideo) -> Result<Vec<EncoderFlag>, FlagError> {
    if text.len() > MOST_BYTES {
        return Err(FlagError::TooLong);
    }
    let words = shlex::split(text).ok_or(FlagError::Quoting)?;
    let mut flags = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let is_name = |name: &&str| name.starts_with(|first: char| first.is_ascii_alphanumeric());
        let name = word.strip_prefix('-').filter(is_name).ok_or_else(|| FlagError::NotAFlag(word.clone()))?;
        // `-bf:v 4` says what is meant anyway: only pictures can be tuned.
        let name = name.strip_suffix(":v").unwrap_or(name);
        let name = if name == "filter" { FILTER } else { name };
        let value = words.next().ok_or_else(|| FlagError::NoValue(name.to_owned()))?;
        check(name, &value, video)?;
        flags.push(EncoderFlag { name: name.to_owned(), value });
    }
    Ok(flags)
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split_ascii_whitespace()
}

fn has(list: &str, word: &str) -> bool {
    words(list).any(|known| known == word)
}

fn check(name: &str, value: &str, video: TargetVideo) -> Result<(), FlagError> {
    let (encoder, lists): (_, &[&str]) = match video {
        TargetVideo::H264 => ("libx264", &[COMMON, X26X, X264]),
        TargetVideo::Hevc => ("libx265", &[COMMON, X26X, X265]),
        TargetVideo::Av1 => ("libsvtav1", &[COMMON, SVT_AV1]),
        TargetVideo::Copy => ("copied pictures", &[]),
    };
    if name == FILTER && video != TargetVideo::Copy {
        return check_filters(value);
    }
    if !lists.iter().any(|list| has(list, name)) {
        let known: Vec<_> = lists.iter().flat_map(|list| words(list)).map(|name| format!("-{name}")).collect();
        let known = if known.is_empty() { "nothing".to_owned() } else { format!("{}, -{FILTER}", known.join(", ")) };
        return Err(FlagError::Unknown { name: name.to_owned(), encoder, known });
    }
    let forbidden = |what: &str, why| FlagError::Forbidden { name: name.to_owned(), what: what.to_owned(), why };
    if let Some(known) = parameters(name) {
        for parameter in value.split(':') {
            let key = parameter.split('=').next().unwrap_or_default();
            if !has(known, key) && !key.strip_prefix("no-").is_some_and(|plain| has(known, plain)) {
                return Err(forbidden(key, "docs/flags.md lists what can"));
            }
        }
    }
    if has(NUMBERS, name) && value.parse::<u16>().is_err() {
        return Err(forbidden(value, "it takes a whole number"));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | ':' | '=' | '-' | '_' | '+' | '|');
    match value.chars().find(|c| !is_plain(*c)) {
        Some(_) => Err(forbidden(value, "values are letters, digits and . , : = - _ + |")),
        None if value.is_empty() => Err(forbidden(value, "the value is empty")),
        None => Ok(()),
    }
}

/// What may stand in an option that holds parameters.
fn parameters(name: &str) -> Option<&'static str> {
    match name {
        "x264-params" => Some(X264_PARAMS),
        "x265-params" => Some(X265_PARAMS),
        "svtav1-params" => Some(SVT_AV1_PARAMS),
        _ => None,
    }
}

fn check_filters(chain: &str) -> Result<(), FlagError> {
    let forbidden = |what: &str, why| FlagError::Forbidden { name: FILTER.to_owned(), what: what.to_owned(), why };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | ':' | '=' | '-' | '_' | '+' | '|');
    if chain.chars().any(|c| !is_plain(c)) {
        return Err(forbidden(chain, "a chain is letters, digits and . , : = - _ + |, without quotes or labels"));
    }
    for filter in chain.split(',') {
        let name = filter.split('=').next().unwrap_or_default();
        if !has(FILTERS, name) {
            return Err(forbidden(
                name,
                "only filters that clean or sharpen pictures are taken, such as hqdn3d or unsharp",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(name: &str, value: &str) -> EncoderFlag {
        EncoderFlag { name: name.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn flags_are_read_as_a_shell_would() {
        assert_eq!(parse("", TargetVideo::Hevc), Ok(Vec::new()));
        assert_eq!(
            parse("-bf:v 4 -x265-params 'aq-mode=3:psy-rd=1.5' -vf hqdn3d=2:1:3:3,unsharp", TargetVideo::Hevc),
            Ok(vec![
                flag("bf", "4"),
                flag("x265-params", "aq-mode=3:psy-rd=1.5"),
                flag("vf", "hqdn3d=2:1:3:3,unsharp")
            ])
        );
    }

    #[test]
    fn nothing_that_reaches_beyond_the_encoder_is_taken() {
        for text in [
            "out.mkv",
            "-i /etc/passwd",
            "-y out.mkv",
            "-map 0:1",
            "-an",
            "-f mpegts",
            "-attach /etc/passwd",
            "-protocol_whitelist file",
            "-progress http://example.org",
            "-report",
            "-c:v copy",
            "-crf 10",
            "-metadata title=x",
            "-x265-params csv=x.csv",
            "-x265-params aq-mode=3:stats=/tmp/x",
            "-x265-params analysis_save=x",
            "-x265-params crf=10",
            "-x265-params no-hash=1",
            "-x265-params nonsense",
            "-x265-params aq-mode=3::",
            "-bf abc",
            "-bf 99999999999999999999",
            "-vf movie=/etc/passwd",
            "-vf hqdn3d,scale=10:10",
            "-vf subtitles=x.srt",
            "-vf hqdn3d[a];movie=x[b]",
            "-filter_complex amovie=x",
            "-preset /etc/passwd",
            "-bf",
            "-bf ''",
            "-x264-params bframes=2",
            "- 4",
            "-vf 'a",
        ] {
            assert!(parse(text, TargetVideo::Hevc).is_err(), "{text} was taken");
        }
        assert!(parse("-x264-params bframes=2", TargetVideo::H264).is_ok());
        assert!(parse("-x265-params no-sao:bframes=4", TargetVideo::Hevc).is_ok());
        assert_eq!(parse(&"-bf 4 ".repeat(1000), TargetVideo::Hevc), Err(FlagError::TooLong));
        assert!(parse("-g 48", TargetVideo::Copy).is_err(), "there is nothing to tune in a copy");
        assert!(parse("-g 48 -qmax 40 -preset 8", TargetVideo::Av1).is_ok());
        for ignored in ["-bf 4", "-refs 3", "-keyint_min 12", "-threads 2"] {
            assert!(parse(ignored, TargetVideo::Av1).is_err(), "{ignored} does nothing there");
            assert!(parse(ignored, TargetVideo::Hevc).is_ok());
        }
    }
}
