//! Every way in which a path may be more than it seems.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

const LOC: [&str; 2] = ["body", "path"];

/// A folder that is allowed, and one beside it that is not.
struct Disk {
    dir: TempDir,
}

impl Disk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["films", "films/kids", "private"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        for file in ["films/a.mkv", "films/kids/b.mkv", "private/secret.mkv"] {
            fs::write(dir.path().join(file), b"film").unwrap();
        }
        Self { dir }
    }

    fn path(&self, below: &str) -> PathBuf {
        fs::canonicalize(self.dir.path()).unwrap().join(below)
    }

    fn allowed(&self) -> Allowed {
        Allowed { roots: vec![Root::all(self.path("films"))], is_open: false }
    }

    fn check(&self, below: &str) -> Result<PathBuf, ApiError> {
        self.allowed().check(self.path(below).to_str().unwrap(), &LOC)
    }
}

#[track_caller]
fn refused(result: Result<PathBuf, ApiError>, words: &str) {
    let error = result.expect_err("it is refused");
    let text = match &error {
        ApiError::Invalid(fields) => fields[0].msg.clone(),
        other => other.to_string(),
    };
    assert!(text.contains(words), "{words:?} was expected in {text:?}");
}

#[test]
fn what_lies_in_an_allowed_folder_may_be_used() {
    let disk = Disk::new();
    for below in ["films", "films/a.mkv", "films/kids/b.mkv"] {
        assert_eq!(disk.check(below).unwrap(), disk.path(below));
    }
    assert_eq!(disk.check("films/kids/").unwrap(), disk.path("films/kids"), "a slash at the end does not matter");
}

#[test]
fn what_is_no_plain_absolute_path_is_refused() {
    let disk = Disk::new();
    let long = format!("/{}", "x".repeat(5000));
    for text in ["", "films", "./films", "~/films", "file:///films", "/a\0b", long.as_str(), "//", "/.", "/.."] {
        assert!(matches!(disk.allowed().check(text, &LOC), Err(ApiError::Invalid(_))), "{text:?}");
    }
    for below in ["films/../private/secret.mkv", "films/./a.mkv", "films//a.mkv", "films/kids/.."] {
        let text = format!("{}/{below}", disk.path("").to_str().unwrap().trim_end_matches('/'));
        refused(disk.allowed().check(&text, &LOC), "without //, . and ..");
    }
}

#[test]
fn what_lies_elsewhere_is_refused_alike_whether_it_is_there_or_not() {
    let disk = Disk::new();
    symlink(disk.path("private"), disk.path("films/link")).unwrap();
    symlink(disk.path("private/secret.mkv"), disk.path("films/link.mkv")).unwrap();
    symlink("../private", disk.path("films/relative")).unwrap();
    symlink(disk.path("nowhere"), disk.path("films/broken")).unwrap();
    let told = |below: &str| match disk.check(below) {
        Err(ApiError::Forbidden(text)) => text.replace(disk.path(below).to_str().unwrap(), "PATH"),
        other => panic!("{below}: 403 was expected: {other:?}"),
    };
    let expected = told("private/secret.mkv");
    for below in [
        "private/nothing.mkv",
        "films-too/a.mkv",
        "films/link/secret.mkv",
        "films/link/nothing.mkv",
        "films/link.mkv",
        "films/relative/secret.mkv",
        "films/broken",
        "films/broken/nothing.mkv",
    ] {
        assert_eq!(told(below), expected, "{below}");
    }
}

#[test]
fn a_link_within_says_what_to_name_instead() {
    let disk = Disk::new();
    symlink(disk.path("films/kids"), disk.path("films/link")).unwrap();
    refused(disk.check("films/link/b.mkv"), disk.path("films/kids/b.mkv").to_str().unwrap());
}

#[test]
fn what_is_not_there_is_said_where_one_may_look() {
    let disk = Disk::new();
    for below in ["films/nothing.mkv", "films/a.mkv/nothing"] {
        assert!(matches!(disk.check(below), Err(ApiError::NotFound(_))), "{below}");
    }
}

#[test]
fn without_a_password_everything_but_the_system_may_be_used() {
    let disk = Disk::new();
    let open = Allowed { roots: vec![Root::all("/".into())], is_open: true };
    let secret = disk.path("private/secret.mkv");
    assert_eq!(open.check(secret.to_str().unwrap(), &LOC).unwrap(), secret);
    assert_eq!(open.check("/", &LOC).unwrap(), Path::new("/"));
    for system in ["/proc/self/environ", "/sys", "/dev/zero", "/proc/self/root/etc"] {
        refused(open.check(system, &LOC), "belongs to the system");
    }
}

#[test]
fn a_home_keeps_its_hidden_folders_to_itself() {
    let disk = Disk::new();
    fs::create_dir_all(disk.path("films/.ssh/keys")).unwrap();
    let home = Allowed { roots: vec![Root { path: disk.path("films"), hides_dots: true }], is_open: false };
    assert!(home.covers(&disk.path("films/kids")) && home.covers(&disk.path("films")));
    for hidden in ["films/.ssh", "films/.ssh/keys", "films/kids/.hidden/x"] {
        assert!(!home.covers(&disk.path(hidden)), "{hidden}");
    }
}
