use mediaflow_core::media::color::{ContentLight, DynamicRange, MasteringDisplay};

use super::*;

fn probe(streams: &str, frames: &str) -> MediaInfo {
    let json = format!(
        r#"{{"format":{{"format_name":"matroska,webm","size":"1000","duration":"3.0417"}},"streams":[{streams}],"frames":[{frames}]}}"#
    );
    parse(json.as_bytes()).unwrap()
}

#[test]
fn hdr10_metadata_is_found_where_only_frames_carry_it() {
    let info = probe(
        r#"{"index":0,"codec_type":"video","codec_name":"hevc","pix_fmt":"yuv420p10le","width":3840,"height":1600,
            "color_transfer":"smpte2084","color_primaries":"bt2020","color_space":"bt2020nc","color_range":"tv"}"#,
        r#"{"media_type":"audio","stream_index":1},{"media_type":"video","stream_index":0,"side_data_list":[
            {"side_data_type":"Mastering display metadata","red_x":"34000/50000","red_y":"16000/50000","green_x":"13250/50000",
             "green_y":"34500/50000","blue_x":"7500/50000","blue_y":"3000/50000","white_point_x":"15635/50000",
             "white_point_y":"16450/50000","min_luminance":"50/10000","max_luminance":"10000000/10000"},
            {"side_data_type":"Content light level metadata","max_content":1000,"max_average":400}]}"#,
    );
    let (_, video) = info.videos().next().unwrap();
    assert_eq!(
        video.hdr.mastering,
        Some(MasteringDisplay {
            red: (34000, 16000),
            green: (13250, 34500),
            blue: (7500, 3000),
            white: (15635, 16450),
            min_luminance: 50,
            max_luminance: 10_000_000,
        })
    );
    assert_eq!(video.hdr.light, Some(ContentLight { max_content: 1000, max_average: 400 }));
    assert_eq!(DynamicRange::of(&video.color, &video.hdr), DynamicRange::Hdr10);
    assert_eq!((video.bit_depth, video.tier().to_string().as_str()), (10, "4K"));
    assert_eq!(info.duration_us, Some(3_041_700));
}

#[test]
fn what_each_stream_is_for_survives_the_probe() {
    let info = probe(
        r#"{"index":0,"codec_type":"video","codec_name":"h264","pix_fmt":"yuv420p","field_order":"tt","bits_per_raw_sample":"8",
             "side_data_list":[{"side_data_type":"Display Matrix","displaymatrix":"x","rotation":-90}]},
           {"index":1,"codec_type":"video","codec_name":"mjpeg","disposition":{"attached_pic":1},"tags":{"filename":"cover.jpg"}},
           {"index":2,"codec_type":"audio","codec_name":"ac3","channels":6,"channel_layout":"5.1(side)","sample_rate":"48000",
             "disposition":{"default":1,"comment":1},"tags":{"LANGUAGE":"und","title":"Director","BPS-eng":"448000"}},
           {"index":3,"codec_type":"subtitle","codec_name":"hdmv_pgs_subtitle","tags":{"language":"ger"},"disposition":{"forced":1}},
           {"index":4,"codec_type":"data"}"#,
        "",
    );
    let (stream, video) = info.videos().next().unwrap();
    assert_eq!((stream.index, video.interlaced, video.rotation_deg, video.bit_depth), (0, true, 90, 8));
    assert!(matches!(&info.streams[1].kind, StreamKind::Cover { filename: Some(name), .. } if name == "cover.jpg"));
    let audio = &info.streams[2];
    assert_eq!(
        (audio.language.as_deref(), audio.title.as_deref(), audio.bitrate_bps),
        (None, Some("Director"), Some(448_000))
    );
    assert_eq!(audio.dispositions, [Disposition::Default, Disposition::Comment].into());
    assert_eq!(info.streams[3].language.as_deref(), Some("ger"));
    assert_eq!(info.streams[4].kind, StreamKind::Data);
}

#[test]
fn dolby_vision_and_hdr10_plus_outrank_their_base_layer() {
    let info = probe(
        r#"{"index":0,"codec_type":"video","codec_name":"hevc","color_transfer":"arib-std-b67","side_data_list":
            [{"side_data_type":"DOVI configuration record","dv_profile":8,"dv_bl_signal_compatibility_id":4}]}"#,
        "",
    );
    let (_, video) = info.videos().next().unwrap();
    assert_eq!(DynamicRange::of(&video.color, &video.hdr), DynamicRange::DolbyVision);
    let info = probe(
        r#"{"index":0,"codec_type":"video","codec_name":"hevc","color_transfer":"smpte2084"}"#,
        r#"{"stream_index":0,"side_data_list":[{"side_data_type":"HDR Dynamic Metadata SMPTE2094-40 (HDR10+)"}]}"#,
    );
    let (_, video) = info.videos().next().unwrap();
    assert_eq!(DynamicRange::of(&video.color, &video.hdr), DynamicRange::Hdr10Plus);
}

#[test]
fn pictures_know_better_than_their_header_that_they_are_interlaced() {
    for (header, pictures, interlaced) in [
        (r#","field_order":"progressive""#, [1, 1], true),
        (r#","field_order":"progressive""#, [0, 1], true),
        (r#","field_order":"progressive""#, [0, 0], false),
        (r#","field_order":"tt""#, [0, 0], true),
        ("", [1, 1], true),
        ("", [0, 0], false),
    ] {
        let frames = pictures.map(|flag| format!(r#"{{"stream_index":0,"interlaced_frame":{flag}}}"#)).join(",");
        let stream = format!(r#"{{"index":0,"codec_type":"video","codec_name":"mpeg2video"{header}}}"#);
        let info = probe(&stream, &frames);
        assert_eq!(info.videos().next().unwrap().1.interlaced, interlaced, "{header} {pictures:?}");
    }
}

#[test]
fn what_is_not_a_probe_is_an_error_not_a_file_without_streams() {
    assert!(matches!(parse(b"{}"), Err(ProbeError::NoContainer)));
    assert!(matches!(parse(b"ffprobe: not found"), Err(ProbeError::Malformed(_))));
}

#[test]
fn seconds_are_read_to_the_microsecond() {
    for (text, us) in [("0.000001", 1), ("-0.023000", -23_000), ("362.766667", 362_766_667), ("7", 7_000_000)] {
        assert_eq!(raw::seconds_to_us(Some(text)), Some(us), "{text}");
    }
    for bad in ["N/A", "", "1.x"] {
        assert_eq!(raw::seconds_to_us(Some(bad)), None, "{bad:?}");
    }
}
