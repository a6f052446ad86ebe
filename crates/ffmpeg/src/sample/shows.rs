//! The episodes of the sample library.

use super::recipe::{H264, Run};
use super::scene::{Picture, Scene, sound};
use super::{Clip, SideFile, font, texts};

/// All episodes.
pub fn clips() -> Vec<Clip> {
    vec![mpeg2_ts(), mpeg2_mpg(), h264_mp4(), chapters_and_font(), interlaced_ts()]
}

fn mpeg2_ts() -> Clip {
    let path = "TV Shows/Coast Road/Season 01/Coast Road - S01E01 - Low Tide.ts";
    let picture = Picture { rate: 25, ..Picture::film(&[(Scene::Coast(1), 5), (Scene::Dusk(0), 5)]) };
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[208, 311], "stereo", picture.seconds()))
        .words("-c:v mpeg2video -q:v 3 -maxrate 12M -bufsize 4M -g 12 -bf 2 -threads 1 -c:a mp2 -b:a 192k")
        .tag("s:a:0", "language", "eng");
    Clip { path, note: "MPEG-2 in a transport stream", files: vec![], steps: vec![run.clip(path)], edit: None }
}

fn mpeg2_mpg() -> Clip {
    let path = "TV Shows/Coast Road/Season 01/Coast Road - S01E02 - High Water.mpg";
    let scenes = vec![(Scene::Cells(12), 4), (Scene::Coast(0), 4)];
    let picture = Picture { width: 352, height: 288, rate: 25, scenes };
    // Pixels that are not square: 352×288 shown as 4:3, as on a Video CD.
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[165, 247], "stereo", picture.seconds()))
        .words("-vf setdar=4/3 -c:v mpeg2video -q:v 3 -maxrate 12M -bufsize 4M -g 12 -bf 2 -threads 1")
        .words("-c:a mp2 -b:a 192k");
    Clip {
        path,
        note: "MPEG-2 in a program stream, pixels not square",
        files: vec![],
        steps: vec![run.clip(path)],
        edit: None,
    }
}

fn h264_mp4() -> Clip {
    let path = "TV Shows/Signal Hill/Season 02/Signal Hill - S02E04 - Carrier.mp4";
    let picture =
        Picture { width: 854, height: 480, rate: 24, scenes: vec![(Scene::Coast(0), 3), (Scene::Coast(2), 3)] };
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[311, 233], "stereo", picture.seconds()))
        .file("lines.srt")
        .words("-map 0:v -map 1:a -map 2:s")
        .words(H264)
        .words("-c:a aac -b:a 160k -c:s mov_text -movflags +faststart")
        .tag("s:a:0", "language", "eng")
        .tag("s:s:0", "language", "eng");
    Clip {
        path,
        note: "H.264 in MP4 with timed text",
        files: vec![SideFile { name: "lines.srt", bytes: texts::srt() }],
        steps: vec![run.clip(path)],
        edit: None,
    }
}

fn chapters_and_font() -> Clip {
    let path = "TV Shows/Signal Hill/Season 02/Signal Hill - S02E05 - Attachments.mkv";
    let picture = Picture::film(&[(Scene::Card, 3), (Scene::Coast(1), 3), (Scene::Dusk(2), 3)]);
    let marks = [("Cold open", 0, 3_000), ("The hill", 3_000, 6_000), ("Lights out", 6_000, 9_000)];
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[262, 392], "stereo", picture.seconds()))
        .file("lines.ass")
        .file("chapters.txt")
        .words("-map 0:v -map 1:a -map 2:s -map_chapters 3")
        .words(H264)
        .words("-c:a flac -c:s ass")
        .tag("s:s:0", "language", "eng")
        .tag("s:a:0", "language", "eng")
        .attach("MediaFlowDots.ttf")
        .tag("s:t:0", "mimetype", "application/x-truetype-font");
    Clip {
        path,
        note: "chapters, styled subtitles and the font they need",
        files: vec![
            SideFile { name: "lines.ass", bytes: texts::ass() },
            SideFile { name: "chapters.txt", bytes: texts::chapters(&marks) },
            SideFile { name: "MediaFlowDots.ttf", bytes: font::write() },
        ],
        steps: vec![run.clip(path)],
        edit: None,
    }
}

fn interlaced_ts() -> Clip {
    let path = "TV Shows/Signal Hill/Season 02/Signal Hill - S02E06 - Live.ts";
    let picture = Picture { rate: 50, ..Picture::film(&[(Scene::Cells(6), 2), (Scene::Coast(0), 3)]) };
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[247, 370], "stereo", picture.seconds()))
        .words("-vf interlace -c:v mpeg2video -flags +ildct+ilme -q:v 3 -maxrate 12M -bufsize 4M -g 12 -threads 1")
        .words("-c:a ac3 -b:a 192k")
        .tag("s:a:0", "language", "eng");
    Clip { path, note: "interlaced MPEG-2 from a broadcast", files: vec![], steps: vec![run.clip(path)], edit: None }
}
