use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// Everything a walk tells, one line each, in its order.
fn lines(root: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    walk(root, &[], &mut |seen| {
        lines.push(match seen {
            Seen::File { path, stat, kind } => format!("{path} {kind:?} {} links={}", stat.size_bytes, stat.links),
            Seen::Skipped { path, why } => format!("{path} skipped {why:?}"),
            Seen::Unreadable { path, error } => format!("{path:?} unreadable {:?}", error.kind()),
        });
        ControlFlow::Continue(())
    })
    .unwrap();
    lines
}

fn tree(files: &[&[u8]]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in files {
        put(dir.path(), name);
    }
    dir
}

fn put(root: &Path, name: &[u8]) {
    let path = root.join(OsStr::from_bytes(name));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, b"12345").unwrap();
}

#[test]
fn every_file_is_told_with_its_kind_in_a_fixed_order() {
    let dir = tree(&[
        b"b/Heat.mkv",
        b"b/Heat.srt",
        b"a/x.mkv.part",
        b"z.txt",
        b".hidden/x.mkv",
        b"a/.mf-1.part",
        b".mediaflow-quarantine/1.mfq",
    ]);
    fs::hard_link(dir.path().join("b/Heat.mkv"), dir.path().join("b/Heat again.mkv")).unwrap();
    let expected = [
        ".hidden skipped Hidden",
        ".mediaflow-quarantine skipped Hidden",
        "z.txt Other 5 links=1",
        "a/.mf-1.part skipped Hidden",
        "a/x.mkv.part Partial 5 links=1",
        "b/Heat again.mkv Media 5 links=2",
        "b/Heat.mkv Media 5 links=2",
        "b/Heat.srt Sidecar 5 links=1",
    ];
    assert_eq!(lines(dir.path()), expected);
}

#[test]
fn names_come_through_byte_for_byte() {
    let names: [&[u8]; 5] = [b"-i.mkv", b"a\"b'c.mkv", b"new\nline.mkv", b"no utf \xff\xfe.mkv", b"$(rm).mkv"];
    let dir = tree(&names);
    let mut got = Vec::new();
    walk(dir.path(), &[], &mut |seen| {
        if let Seen::File { path, .. } = seen {
            got.push(path.as_bytes().to_vec());
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    let mut expected: Vec<Vec<u8>> = names.iter().map(|name| name.to_vec()).collect();
    expected.sort();
    assert_eq!(got, expected);
}

#[test]
fn links_neither_loop_nor_show_a_file_twice() {
    let outside = tree(&[b"far/film.mkv"]);
    let dir = tree(&[b"real/film.mkv"]);
    let link = |target: &Path, name: &str| symlink(target, dir.path().join(name)).unwrap();
    link(Path::new("."), "self");
    link(Path::new(".."), "parent");
    link(Path::new("/"), "everything");
    link(Path::new("../real"), "real/inside");
    link(Path::new("ring b"), "ring a");
    link(Path::new("ring a"), "ring b");
    link(&outside.path().join("far"), "outside");
    link(Path::new("real/film.mkv"), "film.mkv");
    link(Path::new("nowhere"), "broken.mkv");
    let expected = [
        "broken.mkv skipped Link",
        "everything skipped Link",
        "film.mkv skipped Link",
        "outside skipped Link",
        "parent skipped Link",
        "ring a skipped Link",
        "ring b skipped Link",
        "self skipped Link",
        "real/film.mkv Media 5 links=1",
        "real/inside skipped Link",
    ];
    assert_eq!(lines(dir.path()), expected);
    // The walked folder itself may be a link: the user named it.
    let alias = outside.path().join("alias");
    symlink(dir.path().join("real"), &alias).unwrap();
    assert_eq!(lines(&alias), ["film.mkv Media 5 links=1", "inside skipped Link"]);
}

#[test]
fn a_folder_that_cannot_be_listed_is_told_and_the_rest_goes_on() {
    let dir = tree(&[b"closed/film.mkv", b"open/film.mkv"]);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(dir.path(), 0o755);
    mode(&dir.path().join("closed"), 0o000);
    let got = std::thread::scope(|scope| scope.spawn(|| as_nobody(|| lines(dir.path()))).join().unwrap());
    mode(&dir.path().join("closed"), 0o755);
    assert_eq!(got, ["Some(\"closed\") unreadable PermissionDenied", "open/film.mkv Media 5 links=1"]);
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs something without root's right to read every folder. On Linux user ids belong to threads, so this takes them
/// from the calling thread alone.
#[cfg(target_os = "linux")]
fn as_nobody<T>(run: impl FnOnce() -> T) -> T {
    if is_root() {
        let nobody = rustix::process::Uid::from_raw(65534);
        rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
    }
    run()
}

#[cfg(not(target_os = "linux"))]
fn as_nobody<T>(run: impl FnOnce() -> T) -> T {
    assert!(!is_root(), "run this test as a user who is not root");
    run()
}

#[test]
fn what_vanishes_during_the_walk_is_left_out() {
    let dir = tree(&[b"a.mkv", b"b.mkv", b"c/film.mkv", b"d/film.mkv"]);
    let mut got = Vec::new();
    walk(dir.path(), &[], &mut |seen| {
        match seen {
            Seen::File { path, .. } => {
                if path.as_bytes() == b"a.mkv" {
                    fs::remove_file(dir.path().join("b.mkv")).unwrap();
                    fs::remove_dir_all(dir.path().join("c")).unwrap();
                }
                got.push(path.to_string());
            }
            Seen::Skipped { path, why } => got.push(format!("{path} {why:?}")),
            Seen::Unreadable { .. } => got.push(format!("{seen:?}")),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(got, ["a.mkv", "b.mkv Vanished", "c Vanished", "d/film.mkv"]);
}

#[test]
fn a_walk_ends_where_the_caller_says() {
    let dir = tree(&[b"a.mkv", b"b.mkv"]);
    let mut count = 0;
    walk(dir.path(), &[], &mut |_| {
        count += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(count, 1);
}

#[test]
fn pipes_are_not_opened() {
    let dir = tree(&[]);
    rustix::fs::mkfifoat(rustix::fs::CWD, dir.path().join("film.mkv"), 0o600.into()).unwrap();
    assert_eq!(lines(dir.path()), ["film.mkv skipped Special"]);
}

#[test]
fn a_root_that_cannot_be_walked_says_what_to_do() {
    let dir = tree(&[b"film.mkv"]);
    let none = |_: Seen| ControlFlow::Continue(());
    let missing = walk(&dir.path().join("nowhere"), &[], &mut none.clone()).unwrap_err();
    assert!(matches!(missing, WalkError::NotFound(_)) && missing.to_string().contains("mounted"), "{missing}");
    let file = walk(&dir.path().join("film.mkv"), &[], &mut none.clone()).unwrap_err();
    assert!(matches!(file, WalkError::NotAFolder(_)), "{file}");
}

#[test]
fn what_belongs_elsewhere_is_left_out() {
    let dir = tree(&[b"kids/film.mkv", b"kids too/film.mkv"]);
    let elsewhere = [fs::canonicalize(dir.path().join("kids")).unwrap()];
    let mut got = Vec::new();
    walk(dir.path(), &elsewhere, &mut |seen| {
        match seen {
            Seen::File { path, .. } => got.push(path.to_string()),
            Seen::Skipped { path, why } => got.push(format!("{path} {why:?}")),
            Seen::Unreadable { .. } => got.push(format!("{seen:?}")),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(got, ["kids Elsewhere", "kids too/film.mkv"]);
}
