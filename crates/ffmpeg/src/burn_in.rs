//! Drawing subtitles into pictures: the files that are drawn from, and the filters that draw.
//!
//! Filters read the track from a file of its own in the directory in which ffmpeg runs, by a plain name: a path inside a
//! filter would have to be escaped three times, and only so can a stretch in the middle of a film be drawn without what
//! lies before it. [`crate::binding::burn_in`] has the runs that make the file.

use mediaflow_core::plan::{BurnIn, Drawing, VideoEncode};

use crate::measure::seconds;

/// The file that a track is drawn from: letters as they are, or images rendered onto their canvas.
#[must_use]
pub fn file_name(burn_in: &BurnIn) -> String {
    format!("burn-in-{}.mkv", burn_in.source_index)
}

/// Whether a file is one of those: what a run that lacks it could not draw.
#[must_use]
pub fn is_file_name(name: &str) -> bool {
    name.starts_with("burn-in-")
}

/// The filters that draw, for pictures in the encode's format; they leave them in that. For pictures from `begin_us` on,
/// images are read from the last one before that: to come there from the first costs seconds in every stretch of a film.
pub(crate) fn draw(encode: &VideoEncode, burn_in: &BurnIn, begin_us: Option<i64>) -> String {
    let file = file_name(burn_in);
    match (&burn_in.drawing, white(encode)) {
        (Drawing::Text { .. }, None) => letters(encode, &file),
        (Drawing::Text { .. }, Some(white)) => {
            // Letters on nothing, darkened, over the film: the filter that draws them knows no HDR.
            let dark = darken(white);
            let letters = letters(encode, &file);
            let (sampling, format) = blending(encode);
            let mark = mark(encode);
            format!(
                "{mark},split[film][blank];[blank]format=rgba,lutrgb=r=0:g=0:b=0:a=0,{letters}:alpha=1{dark},{},format={format},{mark}[layer];\
                 [film][layer]overlay=format={sampling},format={}",
                to_yuv(encode, None),
                encode.pixel_format
            )
        }
        (Drawing::Image { canvas }, white) => {
            let place = Place::of(encode, *canvas);
            let dark = white.map(darken).unwrap_or_default();
            let (sampling, format) = blending(encode);
            let mark = mark(encode);
            let seek = begin_us.filter(|begin| *begin > 0).map(|begin| format!(":seek_point={}", seconds(begin)));
            let seek = seek.unwrap_or_default();
            // The file's last image is never reached: without one, what ends first would be the subtitles.
            format!(
                "{mark}[film];movie=filename={file}{seek}{dark},{},format={format},{mark}[layer];\
                 [film][layer]overlay={}:{}:format={sampling}:shortest=1,format={}",
                to_yuv(encode, Some((place.width, place.height))),
                place.left,
                place.top,
                encode.pixel_format
            )
        }
    }
}

/// Text at the size that it would have on the film as shown: pixels may be wider than high.
fn letters(encode: &VideoEncode, file: &str) -> String {
    let (width, height) = encode.size;
    let shown_width = (f64::from(width) * encode.sample_aspect.value()).round();
    if (shown_width - f64::from(width)).abs() < 1.0 {
        format!("subtitles=filename={file}")
    } else {
        format!("subtitles=filename={file}:original_size={shown_width}x{height}")
    }
}

/// The signal of white paper (203 cd/m², ITU-R BT.2408) in HDR, as a share of the highest: subtitles at full signal
/// would be ten thousand cd/m² bright. `None` for SDR.
fn white(encode: &VideoEncode) -> Option<f64> {
    match encode.color.transfer.as_deref() {
        Some("smpte2084") => Some(0.58),
        Some("arib-std-b67") => Some(0.75),
        _ => None,
    }
}

fn darken(white: f64) -> String {
    format!(",lutrgb=r=val*{white}:g=val*{white}:b=val*{white}")
}

/// How `overlay` calls the film's sampling, and the format of a layer above it. It has no 4:4:4 with ten bits before
/// ffmpeg 6: that is blended with half of its colour, which the plan says.
fn blending(encode: &VideoEncode) -> (&'static str, &'static str) {
    match encode.pixel_format.as_str() {
        "yuv420p10le" => ("yuv420p10", "yuva420p10le"),
        "yuv422p10le" | "yuv444p10le" => ("yuv422p10", "yuva422p10le"),
        "yuv422p" => ("yuv422", "yuva422p"),
        "yuv444p" => ("yuv444", "yuva444p"),
        _ => ("yuv420", "yuva420p"),
    }
}

/// Says of both that they have the film's colours: ffmpeg 7 and later would turn one into the other.
fn mark(encode: &VideoEncode) -> String {
    let or_unknown = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
    format!("setparams=range={}:colorspace={}", or_unknown(&encode.color.range), or_unknown(&encode.color.matrix))
}

/// Scales, and turns red, green and blue into the film's own colours.
fn to_yuv(encode: &VideoEncode, size: Option<(u32, u32)>) -> String {
    let matrix = match encode.color.matrix.as_deref() {
        Some("bt2020nc" | "bt2020c") => "bt2020",
        Some("smpte170m" | "bt470bg") => "bt601",
        Some("fcc") => "fcc",
        Some("smpte240m") => "smpte240m",
        // Players guess by the size where a film does not say it.
        None if encode.size.1 <= 576 => "bt601",
        _ => "bt709",
    };
    let range = if encode.color.range.as_deref() == Some("pc") { "pc" } else { "tv" };
    let size = size.map(|(width, height)| format!("{width}:{height}:flags=bicubic:")).unwrap_or_default();
    format!("scale={size}out_color_matrix={matrix}:out_range={range}")
}

/// Where a canvas lies on the picture, in its pixels.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    width: u32,
    height: u32,
    left: u32,
    top: u32,
}

impl Place {
    /// The whole canvas, in its own shape: of a film without its black bars, the canvas still has them, and text stands in
    /// them. It is as large as the picture allows, in the middle and at the bottom.
    fn of(encode: &VideoEncode, canvas: (u32, u32)) -> Self {
        let (width, height) = (f64::from(encode.size.0), f64::from(encode.size.1));
        let aspect = encode.sample_aspect.value();
        // A canvas of the film's own width or height has pixels of the film's shape, others have square ones.
        let same_pixels = canvas.0 == encode.source_size.0 || canvas.1 == encode.source_size.1;
        let shown_width = f64::from(canvas.0) * if same_pixels { 1.0 } else { 1.0 / aspect };
        let canvas_height = f64::from(canvas.1);
        let factor = (width / shown_width).min(height / canvas_height);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let even = |length: f64, most: u32| (((length / 2.0).round() as u32) * 2).clamp(2, most);
        let (w, h) = (even(shown_width * factor, encode.size.0), even(canvas_height * factor, encode.size.1));
        Self { width: w, height: h, left: ((encode.size.0 - w) / 2) & !1, top: encode.size.1 - h }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binding::tests::encode;
    use mediaflow_core::media::Ratio;

    fn place(
        source_size: (u32, u32),
        size: (u32, u32),
        aspect: (u32, u32),
        canvas: (u32, u32),
    ) -> (u32, u32, u32, u32) {
        let sample_aspect = Ratio { num: aspect.0, den: aspect.1 };
        let place = Place::of(&VideoEncode { source_size, size, sample_aspect, ..encode() }, canvas);
        (place.width, place.height, place.left, place.top)
    }

    #[test]
    fn the_whole_canvas_lies_on_the_picture_in_its_own_shape() {
        let square = (1, 1);
        let full_hd = (1920, 1080);
        assert_eq!(place(full_hd, full_hd, square, full_hd), (1920, 1080, 0, 0));
        assert_eq!(place(full_hd, (1280, 720), square, full_hd), (1280, 720, 0, 0), "scaled with the picture");
        assert_eq!(place((1920, 800), (1920, 800), square, full_hd), (1422, 800, 248, 0), "without its black bars");
        assert_eq!(place((1080, 720), (1080, 720), square, (1280, 720)), (1080, 608, 0, 112), "cut at its sides");
        assert_eq!(place((720, 576), (720, 576), (64, 45), (720, 576)), (720, 576, 0, 0), "a disc's wide pixels");
        assert_eq!(place((720, 576), (720, 576), (64, 45), full_hd), (720, 576, 0, 0), "square ones above wide ones");
        assert_eq!(place((720, 1280), (720, 1280), square, full_hd), (720, 406, 0, 874), "a picture turned upright");
    }

    #[test]
    fn letters_are_as_bright_as_paper_in_hdr() {
        let burn_in = BurnIn { source_index: 3, codec: "ass".to_owned(), drawing: Drawing::Text { fonts: Vec::new() } };
        assert_eq!(draw(&encode(), &burn_in, None), "subtitles=filename=burn-in-3.mkv");
        let mut hdr = encode();
        hdr.color.transfer = Some("smpte2084".to_owned());
        hdr.color.matrix = Some("bt2020nc".to_owned());
        let filters = draw(&hdr, &burn_in, None);
        assert!(filters.contains("alpha=1,lutrgb=r=val*0.58:g=val*0.58:b=val*0.58"), "{filters}");
        assert!(
            filters.contains("out_color_matrix=bt2020")
                && filters.ends_with("overlay=format=yuv420p10,format=yuv420p10le")
        );
    }
}
