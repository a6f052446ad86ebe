//! The folder picker and the paths that may be named.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use mediaflow_api::ApiError;
use mediaflow_core::path::RelPath;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Server, Site, get_of, open};

/// Films that may be seen, and what lies beside them.
struct Disk {
    dir: TempDir,
}

impl Disk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["films/Zebra", "films/alpha", "films/Beta", "films/.hidden", "private/inner"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        fs::write(dir.path().join("films/a.mkv"), b"film").unwrap();
        symlink(dir.path().join("private"), dir.path().join("films/link")).unwrap();
        Self { dir }
    }

    fn path(&self, below: &str) -> String {
        self.real().join(below).to_str().unwrap().to_owned()
    }

    fn real(&self) -> PathBuf {
        fs::canonicalize(self.dir.path()).unwrap()
    }
}

async fn look(server: &Server, path: Option<&str>) -> (u16, Value) {
    let query: String =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(path.map(|path| ("path", path))).finish();
    let mut ask = get_of(&format!("/api/folders?{query}"));
    if server.store.read(|r| r.password()).unwrap().is_some() {
        ask = ask.cookie(&server.login().await.0);
    }
    let answer = server.ask(ask).await;
    (answer.status, answer.json())
}

fn names(listing: &Value) -> Vec<&str> {
    listing["folders"].as_array().unwrap().iter().map(|folder| folder["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn folders_are_listed_by_name_without_what_is_no_choice() {
    let (disk, server) = (Disk::new(), open());
    let (status, listing) = look(&server, Some(&disk.path("films"))).await;
    assert_eq!(status, 200);
    assert_eq!(names(&listing), ["alpha", "Beta", "Zebra"], "no files, links or hidden ones");
    assert_eq!(listing["folders"][0]["path"], disk.path("films/alpha"));
    assert_eq!((&listing["path"], &listing["parent"]), (&json!(disk.path("films")), &json!(disk.real())));

    let (status, beginnings) = look(&server, None).await;
    assert_eq!((status, &beginnings["path"], &beginnings["parent"]), (200, &Value::Null, &Value::Null));
    assert!(names(&beginnings).contains(&"/"), "{beginnings}");
    let (_, root) = look(&server, Some("/")).await;
    assert!(!names(&root).iter().any(|name| ["proc", "sys", "dev"].contains(name)), "{root}");
}

#[tokio::test]
async fn paths_that_are_no_folder_say_why() {
    let (disk, server) = (Disk::new(), open());
    for (path, expected) in [
        (disk.path("films/a.mkv"), 422),
        (disk.path("films/../private"), 422),
        ("films".to_owned(), 422),
        (disk.path("films/link"), 422),
        (disk.path("nowhere"), 404),
        ("/proc/self".to_owned(), 403),
    ] {
        let (status, answer) = look(&server, Some(&path)).await;
        assert_eq!(status, expected, "{path}: {answer}");
    }
}

#[tokio::test]
async fn with_a_password_only_allowed_folders_and_libraries_show() {
    let disk = Disk::new();
    let site = Site::at("0.0.0.0").with_password().allowing(disk.real().join("films"));
    let server = site.open().unwrap();
    let (_, beginnings) = look(&server, None).await;
    assert_eq!(names(&beginnings), [disk.path("films")]);
    let (status, listing) = look(&server, Some(&disk.path("films"))).await;
    assert_eq!((status, &listing["parent"]), (200, &Value::Null), "there is no way up");
    for path in ["private", "private/inner", "nowhere", "films/link", ""] {
        let (status, answer) = look(&server, Some(&disk.path(path))).await;
        assert_eq!(status, 403, "{path}: {answer}");
    }

    let folder = RelPath::new("private").unwrap();
    server
        .store
        .write(|tx| {
            let storage = tx.storage_put(&disk.real(), false, &"none", None)?;
            tx.folder_put(&storage, Some(&folder), "Private", "movie")
        })
        .unwrap();
    assert_eq!(look(&server, Some(&disk.path("private/inner"))).await.0, 200, "a library is allowed as well");
}

#[test]
fn a_file_and_a_folder_are_told_apart() {
    let (disk, server) = (Disk::new(), open());
    let paths = server.door.paths();
    let loc = ["body", "file_path"];
    assert_eq!(paths.file(&disk.path("films/a.mkv"), &loc).unwrap(), disk.real().join("films/a.mkv"));
    assert_eq!(paths.folder(&disk.path("films"), &loc).unwrap(), disk.real().join("films"));
    for wrong in
        [paths.file(&disk.path("films"), &loc), paths.folder(&disk.path("films/a.mkv"), &loc), paths.folder("/", &loc)]
    {
        let Err(ApiError::Invalid(fields)) = wrong else { panic!("a wrong field was expected: {wrong:?}") };
        assert_eq!(serde_json::to_value(&fields[0].loc).unwrap(), json!(["body", "file_path"]));
    }
}
