//! One picture of a film, made small, for a person to look at.

use std::ffi::{OsStr, OsString};

use mediaflow_core::media::color::DynamicRange;
use mediaflow_core::media::{MediaInfo, Ratio, Stream, Video};
use mediaflow_core::plan::ToneMap;

use crate::filters;
use crate::probe::own_address;

/// What a still is taken of, and how large it gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Still<'a> {
    stream: &'a Stream,
    video: &'a Video,
    /// Where the file's own time begins, in microseconds: seeking counts from there.
    begins_us: i64,
    size: (u32, u32),
    /// Frames a second.
    rate: f64,
}

/// Quality of the picture on ffmpeg's scale for JPEG, 2 to 31: nothing that the film's encoder did may hide behind it.
const JPEG_QUALITY: &str = "2";

impl<'a> Still<'a> {
    /// Of the first moving picture of a file, as large as that of `like` is shown, at most `most_pixels` in either direction.
    /// Of two files that are to be compared, both are made like the same one: containers tell frame rates differently, and
    /// an output may have been made smaller. `None` for files without a moving picture.
    #[must_use]
    pub fn of(info: &'a MediaInfo, like: &MediaInfo, most_pixels: u32) -> Option<Self> {
        let (stream, video) = info.videos().next()?;
        let (_, model) = like.videos().next()?;
        let begins_us = info.streams.iter().filter_map(|stream| stream.start_us).min().unwrap_or(0);
        Some(Self { stream, video, begins_us, size: shown_size(model, most_pixels), rate: frame_rate(model) })
    }

    /// Arguments for ffmpeg, of a file under an address (see [`crate::probe::file_url`]), that write the picture shown at `at_us` (from the film's first picture on) to standard
    /// output, as JPEG. HDR is made SDR, as a page has no other; pictures are turned and their pixels squared.
    #[must_use]
    pub fn args(&self, url: &OsStr, at_us: i64) -> Vec<OsString> {
        let mut args: Vec<OsString> =
            ["-hide_banner", "-loglevel", "error", "-nostdin", "-ss", &seconds(self.seek_us(at_us))]
                .map(OsString::from)
                .to_vec();
        args.extend(own_address(url));
        args.extend([OsString::from("-i"), url.to_owned()]);
        let stream = format!("0:{}", self.stream.index);
        args.extend(["-map", &stream, "-frames:v", "1", "-vf", &self.filters()].map(OsString::from));
        args.extend(["-c:v", "mjpeg", "-q:v", JPEG_QUALITY, "-f", "image2pipe", "-"].map(OsString::from));
        args
    }

    /// Half a frame before the frame that is meant: the first one from there on is the same in two files whose
    /// containers round their time stamps differently.
    fn seek_us(&self, at_us: i64) -> i64 {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let meant_us = {
            let frame = (at_us as f64 / 1e6 * self.rate).round();
            ((frame - 0.5).max(0.0) / self.rate * 1e6) as i64
        };
        meant_us + self.stream.start_us.unwrap_or(self.begins_us) - self.begins_us
    }

    fn filters(&self) -> String {
        let (width, height) = self.size;
        let mut chain = Vec::new();
        if self.video.interlaced {
            chain.push("bwdif=mode=send_frame:parity=auto:deint=all".to_owned());
        }
        chain.push(format!("scale={width}:{height}:flags=lanczos"));
        if DynamicRange::of(&self.video.color, &self.video.hdr) != DynamicRange::Sdr {
            chain.push(filters::tone_map(&ToneMap::of(self.video)));
        }
        chain.push("setsar=1".to_owned());
        // What a browser takes a JPEG for, whatever the film was.
        chain.push("scale=out_color_matrix=bt601:out_range=pc,format=yuvj444p".to_owned());
        chain.join(",")
    }
}

/// For files that do not tell their frame rate.
const USUAL_RATE: f64 = 25.0;

fn seconds(us: i64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// The lower of what a container tells: the other one is that of its clock.
fn frame_rate(video: &Video) -> f64 {
    let rates = [video.average_frame_rate, video.frame_rate].into_iter().flatten().map(Ratio::value);
    rates.reduce(f64::min).unwrap_or(USUAL_RATE)
}

/// How long the first moving picture of a file lasts, in microseconds; its sound or subtitles may last longer.
#[must_use]
pub fn length_us(info: &MediaInfo) -> Option<i64> {
    let (stream, _) = info.videos().next()?;
    // Matroska keeps it in a tag.
    let tag = stream.tags.iter().find(|(name, _)| name.eq_ignore_ascii_case("DURATION"));
    let tagged = tag.and_then(|(_, text)| clock_us(text));
    stream.duration_us.or(tagged).or(info.duration_us)
}

/// Microseconds of `00:01:02.345000000`.
fn clock_us(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
    #[allow(clippy::cast_possible_truncation)] // saturates
    let rest_us = (seconds.parse::<f64>().ok()? * 1e6) as i64;
    Some(whole.checked_mul(1_000_000)?.saturating_add(rest_us))
}

/// How large a picture is shown with square pixels, at most `most` in either direction, in even numbers.
fn shown_size(video: &Video, most: u32) -> (u32, u32) {
    let (width, height) = (f64::from(video.width) * video.sample_aspect.value(), f64::from(video.height));
    let (width, height) = if video.rotation_deg % 180 == 90 { (height, width) } else { (width, height) };
    let factor = (f64::from(most) / width.max(height)).min(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive, and at most `most`
    let even = |length: f64| (((length * factor / 2.0).round() as u32) * 2).max(2);
    (even(width), even(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe;

    fn info(video: &str) -> MediaInfo {
        let text = format!(
            r#"{{"streams":[{{"index":0,"codec_type":"audio","codec_name":"aac","start_time":"-0.021"}},
            {{"index":1,"codec_type":"video","codec_name":"hevc","start_time":"0.083",{video}}}],
            "format":{{"format_name":"matroska,webm","duration":"10"}}}}"#
        );
        probe::parse(text.as_bytes()).unwrap()
    }

    fn filters_of(video: &str) -> String {
        let info = info(video);
        Still::of(&info, &info, 1280).unwrap().filters()
    }

    #[test]
    fn a_seek_ends_half_a_frame_before_the_frame_that_is_meant() {
        let info = info(r#""width":640,"height":360,"avg_frame_rate":"25/1""#);
        let still = Still::of(&info, &info, 1280).unwrap();
        let args = still.args(OsStr::new("file:-a b.mkv"), 2_000_000);
        // Frame 50 is at 2 s; half a frame before it, and 104 ms between the file's beginning and its first picture.
        assert_eq!(args[4..8], ["-ss", "2.084000", "-i", "file:-a b.mkv"].map(OsString::from));
        assert_eq!(args[8..12], ["-map", "0:1", "-frames:v", "1"].map(OsString::from));
        assert_eq!(still.seek_us(0), 104_000, "the first picture, not one before it");
    }

    #[test]
    fn pixels_are_squared_and_nothing_is_enlarged() {
        let dvd = r#""width":720,"height":576,"sample_aspect_ratio":"64:45","avg_frame_rate":"25/1""#;
        assert!(filters_of(dvd).starts_with("scale=1024:576:"), "{}", filters_of(dvd));
        let uhd = r#""width":3840,"height":1606,"avg_frame_rate":"24/1""#;
        assert!(filters_of(uhd).starts_with("scale=1280:536:"), "{}", filters_of(uhd));
    }

    #[test]
    fn two_files_show_the_same_frame_whatever_their_containers_say() {
        let source = info(r#""width":640,"height":360,"avg_frame_rate":"1000/1","r_frame_rate":"60/1""#);
        let output = info(r#""width":320,"height":180,"avg_frame_rate":"60/1","r_frame_rate":"60/1""#);
        let [before, after] = [&source, &output].map(|one| Still::of(one, &source, 1280).unwrap());
        assert_eq!(before.seek_us(500_000), after.seek_us(500_000));
        assert_eq!((before.size, after.size), ((640, 360), (640, 360)));
    }

    #[test]
    fn a_picture_may_end_before_its_file() {
        let mut info = info(r#""width":640,"height":360"#);
        assert_eq!(length_us(&info), Some(10_000_000));
        info.streams[1].tags.insert("DURATION".to_owned(), "00:01:02.500000000".to_owned());
        assert_eq!(length_us(&info), Some(62_500_000));
        info.streams[1].duration_us = Some(5);
        assert_eq!(length_us(&info), Some(5));
    }

    #[test]
    fn only_hdr_is_tone_mapped() {
        let hdr = r#""width":3840,"height":2160,"color_transfer":"smpte2084","color_primaries":"bt2020""#;
        assert!(filters_of(hdr).contains("tonemap="), "{}", filters_of(hdr));
        assert!(!filters_of(r#""width":3840,"height":2160"#).contains("tonemap="));
    }
}
