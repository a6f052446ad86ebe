//! What discs and broadcasts are made of: fields, repeated fields, and clocks that do not begin at zero.

use std::fs;
use std::path::Path;
use std::process::Command;

use mediaflow_core::job::Ending;

use super::house::House;

/// Fields of a moving picture in frames, as television has them.
const FIELDS: &str = "-f lavfi -i testsrc2=s=352x288:r=50:d=1,setsar=12/11,tinterlace=interleave_top,setfield=tff";

/// Pictures of a decoded film that call themselves interlaced, and all of them.
fn interlaced_pictures(house: &House, film: &Path) -> (usize, usize) {
    let listed = Command::new(&house.tools.ffprobe)
        .args(["-v", "error", "-select_streams", "v", "-show_entries", "frame=interlaced_frame", "-of", "csv=p=0"])
        .arg(film)
        .output()
        .unwrap();
    let flags = String::from_utf8(listed.stdout).unwrap();
    let flags: Vec<&str> = flags.lines().filter_map(|line| line.split(',').next()).filter(|f| !f.is_empty()).collect();
    (flags.iter().filter(|flag| **flag == "1").count(), flags.len())
}

#[test]
fn fields_become_whole_frames_whatever_the_header_says_of_them() {
    let fields = |encoder: &str| format!("{FIELDS} {encoder}");
    let films = [
        // ffmpeg writes "progressive" into the header of both.
        ("mpeg2.mkv", fields("-c:v mpeg2video -q:v 2 -flags +ildct+ilme")),
        ("h264.mkv", fields("-c:v libx264 -preset ultrafast -qp 8 -x264-params tff=1 -pix_fmt yuv420p")),
        ("mpeg2.ts", fields("-c:v mpeg2video -q:v 2 -flags +ildct+ilme -f mpegts")),
        (
            "whole-but-flagged.mkv",
            "-f lavfi -i testsrc2=s=352x288:r=25:d=1,setfield=tff -c:v libx264 -preset ultrafast -qp 8 \
             -x264-params tff=1 -pix_fmt yuv420p"
                .to_owned(),
        ),
    ];
    let clips: Vec<(&str, &str)> = films.iter().map(|(name, words)| (*name, words.as_str())).collect();
    let Some(house) = House::with(&clips) else { return };
    let (running, _) = house.start_scanned();
    for (name, _) in &films {
        let (interlaced, all) = interlaced_pictures(&house, &house.film(name));
        assert_eq!((interlaced, all), (25, 25), "{name} is not what it should be");
        let job = running.queue(&[name])[0];
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{name}: {reason}");
        let output = house.film(name).with_extension("mkv");
        assert_eq!(interlaced_pictures(&house, &output), (0, 25), "{name}: fields are left, or frames are lost");
        fs::remove_file(output).unwrap();
    }
    running.stop();
}

/// Makes MPEG-2 of 24 frames a second what a disc for 30 has: every other frame asks for one of its fields to be shown
/// once more. Gives the number of frames.
fn telecine(film: &mut [u8]) -> usize {
    let starts: Vec<usize> =
        (0..film.len().saturating_sub(9)).filter(|at| film[*at..].starts_with(&[0, 0, 1])).collect();
    let mut frames = 0;
    for at in starts {
        match (film[at + 3], film[at + 4] >> 4) {
            // The sequence: 30000/1001 frames a second, and not all of them whole.
            (0xB3, _) => film[at + 7] = film[at + 7] & 0xF0 | 4,
            (0xB5, 1) => film[at + 5] &= !0x08,
            // A picture: which field comes first, and whether it comes again.
            (0xB5, 8) => {
                let (top_first, repeats) = [(0x80, 2), (0, 0), (0, 2), (0x80, 0)][frames % 4];
                film[at + 7] = film[at + 7] & !0x82 | top_first | repeats;
                frames += 1;
            }
            _ => {}
        }
    }
    frames
}

#[test]
fn a_film_whose_disc_repeats_fields_keeps_each_of_its_frames_once() {
    let film = "-f lavfi -i testsrc2=s=352x240:r=24000/1001:d=1 -c:v mpeg2video -q:v 2 -bf 0 -f mpeg2video";
    let Some(house) = House::with(&[("film.bin", film)]) else { return };
    let raw = house.film("film.bin");
    let mut bytes = fs::read(&raw).unwrap();
    let frames = telecine(&mut bytes);
    fs::write(&raw, bytes).unwrap();
    let timed = format!("-f mpegvideo -i {} -c copy -bsf:v setts=ts=ceil(2.5*N)*1001/60000/TB", raw.display());
    for name in ["disc.mkv", "disc.ts"] {
        house.make(name, &timed);
    }
    fs::remove_file(raw).unwrap();
    let (running, _) = house.start_scanned();
    for name in ["disc.mkv", "disc.ts"] {
        let job = running.queue(&[name])[0];
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{name}: {reason}");
        let output = house.film(name).with_extension("mkv");
        assert_eq!(interlaced_pictures(&house, &output), (0, frames), "{name}");
        fs::remove_file(output).unwrap();
    }
    running.stop();
}

#[test]
fn a_recording_whose_clock_begins_late_is_whole_and_one_that_is_cut_off_is_not() {
    let late = "-f lavfi -i testsrc2=s=320x180:r=25:d=6 -f lavfi -i sine=440:d=6 -c:v libx264 -preset ultrafast -qp 8 \
                -g 50 -pix_fmt yuv420p -c:a aac -output_ts_offset 100";
    let Some(house) = House::with(&[("late.mkv", late), ("cut.mkv", late)]) else { return };
    let cut = house.film("cut.mkv");
    let length = fs::metadata(&cut).unwrap().len();
    fs::File::options().write(true).open(&cut).unwrap().set_len(length / 2).unwrap();
    let (running, _) = house.start_scanned();

    let job = running.queue(&["late.mkv"])[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!(interlaced_pictures(&house, &house.film("late.mkv")).1, 150);

    let job = running.queue(&["cut.mkv"])[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Refused, "{reason}");
    assert!(reason.contains("the source is damaged"), "{reason}");
    assert_eq!(fs::metadata(&cut).unwrap().len(), length / 2, "it is no longer what it was");
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}
