//! Opening: what is made, what is brought up to date, what is refused and left alone.

use std::fs;
use std::path::Path;

use mediaflow_core::job::JobStatus;
use mediaflow_store::{SCHEMA_VERSION, Store, StoreError};
use rusqlite::Connection;

use crate::fixture::{Fixture, balanced, clock, intent};

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, clock())
}

fn schema(path: &Path) -> Vec<(String, String)> {
    let conn = Connection::open(path).unwrap();
    let mut statement = conn.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// The refusal in words, after checking that it changed nothing.
fn refused(path: &Path) -> String {
    let before = fs::read(path).unwrap();
    let Err(error) = open(path) else { panic!("{} was accepted", path.display()) };
    assert_eq!(fs::read(path).unwrap(), before, "a refused file was written to");
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()), "does not name the file: {text}");
    text
}

#[test]
fn a_second_opening_changes_nothing_and_keeps_everything() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let before = schema(&fixture.path());
    let again = open(&fixture.path()).unwrap();
    assert_eq!(schema(&fixture.path()), before);
    assert_eq!(again.read(|r| r.file(file.id)).unwrap(), file);
}

#[test]
fn every_older_schema_arrives_at_the_present_one() {
    let fixture = Fixture::new();
    let wanted = schema(&fixture.path());
    let mut steps: Vec<_> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap().collect();
    steps.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
    let steps: Vec<String> =
        steps.into_iter().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    assert_eq!(steps.len(), SCHEMA_VERSION as usize, "every file is a migration, in the order of its number");
    let folder = tempfile::tempdir().unwrap();
    for version in 0..=steps.len() {
        let path = folder.path().join(format!("{version}.db"));
        let conn = Connection::open(&path).unwrap();
        for step in &steps[..version] {
            conn.execute_batch(step).unwrap();
        }
        if version > 0 {
            conn.pragma_update(None, "application_id", 0x4d46_4c57).unwrap();
            conn.pragma_update(None, "user_version", version as i64).unwrap();
        }
        drop(conn);
        open(&path).unwrap();
        assert_eq!(schema(&path), wanted, "from version {version}");
    }
}

/// Jobs as version 9 kept them: with their plan and settings in the row, and all of one rank.
#[test]
fn jobs_of_an_older_database_keep_their_plan_their_settings_and_their_order() {
    let fixture = Fixture::new();
    let files = ["a.mkv", "b.mkv", "c.mkv"].map(|name| fixture.file(name));
    let old = fixture.path().with_file_name("old.db");
    let conn = Connection::open(&old).unwrap();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    let mut steps: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    for step in &steps[..9] {
        conn.execute_batch(&fs::read_to_string(step).unwrap()).unwrap();
    }
    conn.pragma_update(None, "application_id", 0x4d46_4c57).unwrap();
    conn.pragma_update(None, "user_version", 9).unwrap();
    conn.execute("ATTACH ?1 AS present", [fixture.path().to_str().unwrap()]).unwrap();
    conn.execute_batch(
        "INSERT INTO storages SELECT id, root, fold_case, capabilities, device, created_at, updated_at FROM present.storages;
         INSERT INTO files SELECT * FROM present.files;",
    )
    .unwrap();
    let (settings, intent) = (balanced().settings, intent());
    for (rank, file) in [5, 0, 5].into_iter().zip(&files) {
        conn.execute(
            "INSERT INTO jobs (public_id, file_id, storage_id, path, path_key, title, content_size, content_edges,
             generation, preset, settings, policy, intent, intent_hash, mode, forced, status, rank, source_bytes, created_at)
             SELECT id, id, storage_id, path, path_key, 'A film', content_size, content_edges, generation, 'Balanced', ?2,
             ?3, ?4, ?5, 'replace', 0, 'queued', ?6, size_bytes, 1 FROM files WHERE id = ?1",
            rusqlite::params![
                file.id,
                serde_json::to_string(&settings).unwrap(),
                settings.policy().to_string(),
                serde_json::to_string(&intent).unwrap(),
                intent.hash().to_string(),
                rank
            ],
        )
        .unwrap();
    }
    drop(conn);

    let store = open(&old).unwrap();
    let mut order = Vec::new();
    while let Some(job) = store.write(|tx| tx.job_claim(JobStatus::Transcoding)).unwrap() {
        assert_eq!((&job.settings, job.policy, job.retries), (&settings, settings.policy(), 0));
        assert_eq!(store.read(|r| r.job_intent(job.id)).unwrap().as_ref(), Some(&intent));
        order.push(job.path.to_string());
    }
    assert_eq!(order, ["b.mkv", "a.mkv", "c.mkv"]);
}

#[cfg(unix)]
#[test]
fn missing_folders_are_made_and_only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/mediaflow.db");
    let store = open(&path).unwrap();
    store.write(|tx| tx.setting_put("key", &1)).unwrap();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

#[test]
fn what_is_not_ours_is_refused_in_words_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.db");
    fs::write(&garbage, "this is a shopping list, and quite a long one at that: ".repeat(100)).unwrap();
    assert!(refused(&garbage).contains("not an SQLite file"));

    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE plex_servers (id INTEGER)").unwrap();
    assert!(refused(&other).contains("another program"));

    let newer = folder.path().join("newer.db");
    let conn = Connection::open(&newer).unwrap();
    conn.pragma_update(None, "application_id", 0x4d46_4c57).unwrap();
    conn.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    drop(conn);
    let text = refused(&newer);
    assert!(text.contains("newer MediaFlow") && text.contains("update MediaFlow"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/below/mediaflow.db");
    let Err(error) = open(&path) else { panic!("a database below a file") };
    assert!(matches!(error, StoreError::Create { .. }), "{error}");
    assert!(error.to_string().contains("below"), "{error}");
}
