//! What people mark and keep: tags on items, and filters under names.

use serde_json::{Value, json};

use crate::client::Server;
use crate::support::clips::Clip;
use crate::support::home::Home;

fn listed(server: &Server, query: &str) -> Vec<i64> {
    let page = server.get(&format!("/api/library/items?{query}")).expect(200);
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[test]
fn tags_are_given_by_ids_or_by_a_filter_and_items_are_found_by_them() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film), ("B.mkv", Clip::Film), ("C.mkv", Clip::Film)]);
    let items = server.items();
    let [a, b, c] = items[..] else { panic!("{items:?}") };
    let make = |name: &str| server.post("/api/tags/", &json!({ "name": name })).expect(200);
    let (keep, late) = (make("Behalten"), make(" Später "));
    assert_eq!((&keep["color"], &keep["media_count"]), (&json!("#256af4"), &json!(0)));
    assert_eq!(late["name"], "Später");
    server.post("/api/tags/", &json!({ "name": "SPÄTER" })).expect_refused(409, &["Tag name already exists"]);
    server.post("/api/tags/", &json!({ "name": "x", "color": "blue" })).expect_refused(422, &["color", "#256af4"]);

    let (keep, late) = (&keep["id"], &late["id"]);
    let given = server.post("/api/tags/apply", &json!({ "media_item_ids": [a, b, a, 99], "tag_ids": [keep] }));
    assert_eq!(
        given.expect(200),
        json!({ "status": "applied", "added": 2 }),
        "each once, and what is gone passed over"
    );
    let found =
        json!({ "media_item_ids": [], "filter": { "search": "c.mkv", "hdr_only": false }, "tag_ids": [keep, late] });
    assert_eq!(server.post("/api/tags/apply", &found).expect(200)["added"], 2, "all that the filter finds");
    server
        .post("/api/tags/apply", &json!({ "media_item_ids": [a], "tag_ids": [keep, 77] }))
        .expect_refused(404, &["no tag 77"]);

    assert_eq!(listed(&server, &format!("tags={keep}")), [a, b, c]);
    assert_eq!(listed(&server, &format!("tags={keep},{late}")), [c], "all of them, not one of them");
    assert_eq!(listed(&server, "tags=77"), [0; 0]);
    let facets = server.get(&format!("/api/library/facets?tags={late}")).expect(200);
    let [of_keep, of_late] = [keep, late].map(|id| json!({ "value": id.to_string(), "count": 1 }));
    assert!([json!([of_keep, of_late]), json!([of_late, of_keep])].contains(&facets["tags"]), "{facets}");

    let taken = server.post("/api/tags/remove", &json!({ "media_item_ids": [b, c], "tag_ids": [keep] })).expect(200);
    assert_eq!(taken, json!({ "status": "removed", "removed": 2 }));
    let renamed = server.ask("PUT", &format!("/api/tags/{keep}"), Some(&json!({ "name": "behalten" }))).expect(200);
    assert_eq!((&renamed["name"], &renamed["media_count"]), (&json!("behalten"), &json!(1)));
    let item = server.get(&format!("/api/library/items/{a}")).expect(200);
    assert_eq!(item["tags"], json!([{ "id": keep, "name": "behalten", "color": "#256af4" }]));
    assert_eq!(server.get(&format!("/api/tags/items/{a}")).expect(200), item["tags"]);

    assert_eq!(server.ask("DELETE", &format!("/api/tags/{late}"), None).expect(200)["status"], "deleted");
    let names = |list: Value| list.as_array().unwrap().iter().map(|tag| tag["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(server.get("/api/tags/").expect(200)), ["behalten"]);
    assert_eq!(listed(&server, &format!("tags={late}")), [0; 0]);
    server.ask("DELETE", &format!("/api/tags/{late}"), None).expect_refused(404, &["Tag not found"]);
}

#[test]
fn what_is_in_a_file_is_filtered_by_and_bounds_that_make_no_sense_are_refused() {
    let home = Home::new();
    let server = Server::over(&home, &[("A.mkv", Clip::Film)]);
    let item = &server.get("/api/library/items").expect(200)["items"][0];
    let number = |field: &str| item[field].as_f64().unwrap();
    let (duration, rate, channels) = (number("duration_ms"), number("frame_rate"), number("audio_channels"));
    let found = |query: String| server.get(&format!("/api/library/items?{query}")).expect(200)["total"] == 1;
    for (name, own) in [("duration", duration), ("frame_rate", rate), ("channels", channels), ("play_count", 0.0)] {
        assert!(found(format!("min_{name}={own}&max_{name}={own}")), "{name} is {own}");
        assert!(!found(format!("min_{name}={}", own + 1.0)), "{name} is {own}");
    }
    assert!(found("added_after=2020-01-01T00:00:00Z".to_owned()));
    assert!(!found("added_before=2020-01-01".to_owned()));
    for query in ["min_duration=-1", "max_channels=x", "min_frame_rate=NaN", "added_after=yesterday", "tags=1,x"] {
        let field = query.split('=').next().unwrap();
        server.get(&format!("/api/library/items?{query}")).expect_refused(422, &[field]);
    }
}

#[test]
fn filters_are_kept_under_names_that_are_theirs_alone() {
    let home = Home::new();
    let server = Server::start(&home);
    let filter = json!({ "resolution": ["4K"], "min_bitrate": 20_000, "mine": { "deep": [1, null] } });
    let kept = server.post("/api/filter-presets/", &json!({ "name": "Large", "filter_json": filter })).expect(200);
    assert_eq!(kept["filter_json"], filter, "whatever a client keeps in it");
    let path = format!("/api/filter-presets/{}", kept["id"]);
    server.post("/api/filter-presets/", &json!({ "name": "LARGE" })).expect_refused(409, &["already exists"]);
    server
        .post("/api/filter-presets/", &json!({ "name": "x", "filter_json": [1] }))
        .expect_refused(422, &["filter_json"]);
    let large = json!({ "name": "x", "filter_json": { "text": "y".repeat(70_000) } });
    server.post("/api/filter-presets/", &large).expect_refused(422, &["filter_json", "65536"]);
    let renamed = server.ask("PUT", &path, Some(&json!({ "name": "large" }))).expect(200);
    assert_eq!((&renamed["name"], &renamed["filter_json"]), (&json!("large"), &filter));
    assert_eq!(server.get("/api/filter-presets/").expect(200), json!([renamed]));
    assert_eq!(server.ask("DELETE", &path, None).expect(200)["status"], "deleted");
    server.ask("PUT", &path, Some(&json!({ "name": "y" }))).expect_refused(404, &["Filter preset not found"]);
}
