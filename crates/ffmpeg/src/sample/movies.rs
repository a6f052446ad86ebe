//! The films of the sample library.

use super::recipe::{H264, Run};
use super::scene::{Picture, Scene, sound};
use super::{Clip, Edit, SideFile, pgs, texts};

/// All films.
pub fn clips() -> Vec<Clip> {
    vec![
        h264_mkv(),
        h264_mp4_with_cover(),
        mpeg4_avi(),
        hevc_hdr10(),
        three_audio_tracks(),
        subtitles(),
        variable_frame_rate(),
        damaged(),
        already_efficient(),
        remux_only(),
        not_worth_it(),
        phone(),
    ]
}

fn h264_mkv() -> Clip {
    let path = "Movies/Harbour Lights (1997)/Harbour Lights (1997).mkv";
    let picture = Picture::film(&[(Scene::Coast(0), 4), (Scene::Dusk(2), 4), (Scene::Coast(1), 4)]);
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[220, 277], "stereo", picture.seconds()))
        .words(H264)
        .words("-vf setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv")
        .words("-c:a ac3 -b:a 192k")
        .tag("s:a:0", "language", "eng");
    Clip { path, note: "H.264 in Matroska", files: vec![], steps: vec![run.clip(path)], edit: None }
}

fn h264_mp4_with_cover() -> Clip {
    let path = "Movies/Mandelbrot's Garden (2003)/Mandelbrot's Garden (2003).mp4";
    let picture = Picture::film(&[(Scene::Dive, 6), (Scene::Card, 4)]);
    let cover = Run::new().pictures(&Picture { width: 300, height: 450, rate: 24, scenes: vec![(Scene::Coast(2), 1)] });
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[330, 247], "stereo", picture.seconds()))
        .file("cover.jpg")
        .words("-map 0:v -map 1:a -map 2:v")
        .words(&H264.replace("-c:v", "-c:v:0"))
        .words("-c:a aac -b:a 160k -c:v:1 copy -disposition:v:1 attached_pic -movflags +faststart")
        .tag("g", "title", "Mandelbrot's Garden");
    Clip {
        path,
        note: "H.264 in MP4 with a cover picture",
        files: vec![],
        steps: vec![cover.words("-frames:v 1 -c:v mjpeg -pix_fmt yuvj420p -q:v 3").to("cover.jpg"), run.clip(path)],
        edit: None,
    }
}

fn mpeg4_avi() -> Clip {
    let path = "Movies/Paper Boats (2001)/Paper Boats (2001).avi";
    let picture =
        Picture { width: 512, height: 384, rate: 25, scenes: vec![(Scene::Cells(5), 5), (Scene::Coast(2), 5)] };
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[262, 196], "stereo", picture.seconds()))
        .words("-c:v mpeg4 -vtag XVID -q:v 2 -g 50 -bf 0 -threads 1 -c:a libmp3lame -b:a 128k");
    Clip { path, note: "MPEG-4 (Xvid) and MP3 in AVI", files: vec![], steps: vec![run.clip(path)], edit: None }
}

fn hevc_hdr10() -> Clip {
    let path = "Movies/Northern Sky (2019)/Northern Sky (2019).mkv";
    let picture = Picture::film(&[(Scene::Dusk(1), 3), (Scene::Coast(0), 3)]);
    // Chromaticities of a P3 display in BT.2020, 1000 cd/m²: what most discs carry.
    let hdr10 = "hdr10=1:hdr10-opt=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:\
        master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400";
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[196, 294, 220, 62, 165, 330], "5.1", picture.seconds()))
        .words("-pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -crf 10 -x265-params")
        .word(format!("{hdr10}:pools=2:frame-threads=1:log-level=error"))
        .words("-vf setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv")
        .words("-c:a eac3 -b:a 384k")
        .tag("s:a:0", "language", "eng");
    Clip { path, note: "HEVC in HDR10 with its light levels", files: vec![], steps: vec![run.clip(path)], edit: None }
}

fn three_audio_tracks() -> Clip {
    let path = "Movies/Three Voices (2010)/Three Voices (2010).mkv";
    let picture = Picture::film(&[(Scene::Coast(2), 4), (Scene::Cells(9), 4)]);
    let seconds = picture.seconds();
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[220, 262, 330, 55, 175, 349], "5.1", seconds))
        .generated(sound(&[247, 294], "stereo", seconds))
        .generated(sound(&[392], "mono", seconds))
        .words("-map 0:v -map 1:a -map 2:a -map 3:a")
        .words(H264)
        .words("-c:a:0 ac3 -b:a:0 384k -c:a:1 aac -b:a:1 128k -c:a:2 libmp3lame -b:a:2 64k")
        .tag("s:a:0", "language", "eng")
        .tag("s:a:0", "title", "Surround 5.1")
        .tag("s:a:1", "language", "fra")
        .tag("s:a:1", "title", "Version française")
        .tag("s:a:2", "language", "eng")
        .tag("s:a:2", "title", "Director's commentary")
        .words("-disposition:a:0 default -disposition:a:1 dub -disposition:a:2 comment");
    Clip {
        path,
        note: "three audio tracks, one of them a commentary",
        files: vec![],
        steps: vec![run.clip(path)],
        edit: None,
    }
}

fn subtitles() -> Clip {
    let path = "Movies/Quiet Letters (2008)/Quiet Letters (2008).mkv";
    let picture = Picture::film(&[(Scene::Dusk(0), 4), (Scene::Coast(1), 4)]);
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[175, 262], "stereo", picture.seconds()))
        .file("lines.srt")
        .file("lines.ass")
        .file("lines.sup")
        .words("-map 0:v -map 1:a -map 2:s -map 3:s -map 4:s")
        .words(H264)
        .words("-c:a aac -b:a 128k -c:s:0 srt -c:s:1 ass -c:s:2 copy")
        .tag("s:s:0", "language", "eng")
        .tag("s:s:1", "language", "eng")
        .tag("s:s:1", "title", "Styled")
        .tag("s:s:2", "language", "deu")
        .tag("s:s:2", "title", "Bilduntertitel")
        .words("-disposition:s:0 default -disposition:s:1 0 -disposition:s:2 forced");
    Clip {
        path,
        note: "text and image subtitles",
        files: vec![
            SideFile { name: "lines.srt", bytes: texts::srt() },
            SideFile { name: "lines.ass", bytes: texts::ass() },
            SideFile { name: "lines.sup", bytes: pgs::write(&texts::LINES, 640, 360) },
        ],
        steps: vec![run.clip(path)],
        edit: None,
    }
}

fn variable_frame_rate() -> Clip {
    let path = "Movies/Uneven Steps (2015)/Uneven Steps (2015).mp4";
    let picture = Picture { rate: 30, ..Picture::film(&[(Scene::Coast(1), 4), (Scene::Cells(3), 4)]) };
    // Full rate for three seconds, then every third frame: a screen that rests.
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[294, 220], "stereo", picture.seconds()))
        .words("-vf select='lt(n,90)+not(mod(n,3))' -vsync vfr")
        .words(H264)
        .words("-c:a aac -b:a 128k");
    Clip { path, note: "variable frame rate", files: vec![], steps: vec![run.clip(path)], edit: None }
}

fn damaged() -> Clip {
    let path = "Movies/The Broken Reel (1988)/The Broken Reel (1988).mkv";
    let picture = Picture::film(&[(Scene::Coast(0), 3), (Scene::Cells(8), 3)]);
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[233, 311], "stereo", picture.seconds()))
        .words(H264)
        .words("-c:a aac -b:a 128k");
    Clip {
        path,
        note: "damaged: a bad sector in the middle",
        files: vec![],
        steps: vec![run.clip(path)],
        edit: Some(Edit::Hole { length: 4096 }),
    }
}

fn already_efficient() -> Clip {
    let path = "Movies/Small Print (2022)/Small Print (2022).mkv";
    let picture = Picture::film(&[(Scene::Coast(2), 3), (Scene::Dusk(1), 3)]);
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[349, 262], "stereo", picture.seconds()))
        .words("-pix_fmt yuv420p10le -c:v libx265 -preset veryfast -crf 28")
        .words("-x265-params pools=2:frame-threads=1:log-level=error -c:a aac -b:a 96k");
    Clip {
        path,
        note: "already efficient: HEVC at a low bitrate",
        files: vec![],
        steps: vec![run.clip(path)],
        edit: None,
    }
}

fn remux_only() -> Clip {
    let path = "Movies/Wrong Envelope (2012)/Wrong Envelope (2012).avi";
    let picture = Picture::film(&[(Scene::Card, 3), (Scene::Coast(1), 3)]);
    // AVI has no presentation times: a codec that shows its pictures in the order of their packets is at home there.
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[277, 415], "stereo", picture.seconds()))
        .words("-pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -threads 1 -lag-in-frames 0")
        .words("-auto-alt-ref 0 -crf 36 -b:v 0 -c:a libmp3lame -b:a 128k");
    Clip {
        path,
        note: "a modern codec in an outdated container",
        files: vec![],
        steps: vec![run.clip(path)],
        edit: None,
    }
}

fn not_worth_it() -> Clip {
    let path = "Movies/Thin Air (2014)/Thin Air (2014).mkv";
    let picture = Picture::film(&[(Scene::Coast(0), 3), (Scene::Dusk(2), 3)]);
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[196, 233], "stereo", picture.seconds()))
        .words("-c:v libx264 -preset slow -crf 34 -threads 2 -pix_fmt yuv420p -c:a aac -b:a 96k");
    Clip {
        path,
        note: "H.264 so small that nothing is left to save",
        files: vec![],
        steps: vec![run.clip(path)],
        edit: None,
    }
}

fn phone() -> Clip {
    let path = "Home Videos/Beach/IMG 0042.mp4";
    let picture = Picture { rate: 30, ..Picture::film(&[(Scene::Coast(2), 5)]) };
    let run = Run::new()
        .pictures(&picture)
        .generated(sound(&[440], "mono", picture.seconds()))
        .words(H264)
        .words("-c:a aac -b:a 96k");
    Clip {
        path,
        note: "from a phone held upright: turned by 90°",
        files: vec![],
        steps: vec![run.clip(path)],
        edit: Some(Edit::TurnRight),
    }
}
