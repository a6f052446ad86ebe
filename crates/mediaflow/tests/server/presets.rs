//! Presets that are passed on, and a job that finds its own CRF.

use serde_json::json;

use crate::client::Server;
use crate::support::clips::Clip;
use crate::support::home::{Home, list};

#[test]
fn an_export_is_imported_as_it_was_and_a_later_format_is_refused() {
    let home = Home::new();
    let server = Server::start(&home);
    let mine = json!({
        "name": "Mine", "bitrate_mode": "quality", "target_vmaf": 93, "quality_floor": 85, "quality_check": "whole",
        "quality_retries": 2, "audio_mode": "downmix", "custom_flags": "-bf 4"
    });
    let id = server.post("/api/presets/", &mine).expect(200)["id"].as_i64().unwrap();
    let mut exported = server.get(&format!("/api/presets/{id}/export")).expect(200);
    assert_eq!(exported["format_version"], 1);
    exported["name"] = json!("Again");
    exported["made_by"] = json!("another program");
    let imported = server.post("/api/presets/import", &exported).expect(200);
    for (field, value) in exported
        .as_object()
        .unwrap()
        .iter()
        .filter(|(field, _)| !matches!(field.as_str(), "format_version" | "made_by"))
    {
        assert_eq!(imported[field], *value, "{field}");
    }
    exported["format_version"] = json!(2);
    server.post("/api/presets/import", &exported).expect_refused(422, &["format_version", "format 1"]);
    for (field, value) in [
        ("target_vmaf", json!(20)),
        ("quality_floor", json!(93)),
        ("quality_check", json!("sometimes")),
        ("quality_retries", json!("many")),
    ] {
        let mut wrong = mine.clone();
        wrong["name"] = json!("Wrong");
        wrong[field] = value;
        server.post("/api/presets/", &wrong).expect_refused(422, &[field]);
    }
}

#[test]
fn a_job_tells_which_crf_it_found_for_a_quality() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film)]);
    let mut socket = server.listen();
    let wish = json!({
        "media_item_ids": server.items(), "config": { "bitrate_mode": "quality", "target_vmaf": 95, "quality_floor": 70 }
    });
    let job = server.post("/api/transcode/jobs", &wish).expect(200)["job_ids"][0].as_i64().unwrap();
    socket.until(|event| {
        matches!(event["event"].as_str(), Some("job.completed" | "job.failed")) && event["data"]["job_id"] == job
    });
    let report = server.get(&format!("/api/transcode/jobs/{job}/report")).expect(200);
    let search = &report["tuning"]["search"];
    assert!(search.is_object(), "{}", server.job(job));
    let found = list(&search["trials"]).into_iter().find(|trial| trial["crf"] == report["tuning"]["crf"]).unwrap();
    assert_eq!(found["score"], search["predicted_score"]);
    assert!(search["predicted_score"].as_f64() >= search["target"].as_f64(), "{search}");
    let argv = server.job(job)["ffmpeg_command"].as_str().unwrap().to_owned();
    assert!(argv.contains(&format!("-crf:0 {}", report["tuning"]["crf"])), "{argv}");
}
