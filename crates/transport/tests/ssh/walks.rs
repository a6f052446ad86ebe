//! Whole folders of another machine: walked, and their files read by programs here.

use std::ffi::OsString;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{RemoteLister, RemoteMachine, Served};
use mediaflow_transport::walk::{self, Seen, WalkError};

use super::applets;
use super::case::make;
use super::house::House;

/// Everything that a walk tells, in its order.
fn told(walk: impl FnOnce(&mut dyn FnMut(Seen) -> ControlFlow<()>)) -> Vec<String> {
    let mut all = Vec::new();
    walk(&mut |seen| {
        // Where `stat` knows the time to the second only, the rest of it is not told.
        all.push(match seen {
            Seen::File { path, stat, kind } => {
                let seconds = stat.mtime_ns / 1_000_000_000;
                format!("{path:?} {kind:?} {} {seconds} {} {} {}", stat.size_bytes, stat.device, stat.inode, stat.links)
            }
            other => format!("{other:?}"),
        });
        ControlFlow::Continue(())
    });
    all
}

fn walked(machine: &RemoteMachine, folder: &Path, elsewhere: &[PathBuf]) -> Vec<String> {
    let cancel = Cancel::new();
    let real = machine.resolve(folder, &cancel).unwrap();
    told(|on| walk::walk_with(&mut RemoteLister::new(machine.clone(), &cancel), real, elsewhere, on))
}

/// A folder of everything that may lie in one.
fn library(house: &House) -> PathBuf {
    let root = house.dir.path().join("it's a $(library)\n");
    let name = |bytes: &[u8]| root.join(OsString::from_vec(bytes.to_vec()));
    for folder in [&b"Heat (1995)"[..], b"-rf", b"deep/down \xff\n", b".hidden", b"empty", b"elsewhere"] {
        fs::create_dir_all(name(folder)).unwrap();
    }
    for file in [
        &b"Heat (1995)/Heat.mkv"[..],
        b"Heat (1995)/Heat.srt",
        b"-rf/--help.mkv",
        b"-rf/81a4 1 2 3 4 5 6 .\nline.mkv",
        b"deep/down \xff\n/\xfe\xff.mkv",
        b".hidden/film.mkv",
        b"elsewhere/film.mkv",
        b"glob*?[a].mkv",
        b"=0 .mkv",
        b"film.mkv.part",
    ] {
        fs::write(name(file), file).unwrap();
    }
    fs::hard_link(name(b"Heat (1995)/Heat.mkv"), name(b"second name.mkv")).unwrap();
    symlink(name(b"Heat (1995)"), name(b"link")).unwrap();
    // More than one call of `stat` takes.
    for number in 0..3000 {
        fs::write(name(format!("many {number} {}", "x".repeat(100)).as_bytes()), "").unwrap();
    }
    root
}

#[test]
fn a_walk_there_tells_the_same_as_one_here_whatever_files_are_called() {
    for house in [House::new(), applets::house()].into_iter().flatten() {
        let root = library(&house);
        let elsewhere = [root.join("elsewhere")];
        let here = told(|on| walk::walk(&root, &elsewhere, on).unwrap());
        assert!(here.len() > 3010, "{}", here.len());
        assert_eq!(walked(&house.machine(), &root, &elsewhere), here);
    }
}

#[test]
fn what_is_no_folder_is_told_apart() {
    let Some(house) = House::new() else { return };
    let (machine, cancel) = (house.machine(), Cancel::new());
    let file = house.dir.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(matches!(machine.resolve(&file, &cancel), Err(WalkError::NotAFolder(_))));
    assert!(matches!(machine.resolve(&house.dir.path().join("nowhere"), &cancel), Err(WalkError::NotFound(_))));
    symlink(house.dir.path(), house.dir.path().join("link")).unwrap();
    let real = fs::canonicalize(house.dir.path()).unwrap();
    assert_eq!(machine.resolve(&house.dir.path().join("link"), &cancel).unwrap(), real);
}

#[test]
fn a_connection_that_is_cut_during_a_walk_costs_nothing() {
    let Some(house) = House::new() else { return };
    let root = library(&house);
    let (machine, cancel) = (house.machine(), Cancel::new());
    let here = told(|on| walk::walk(&root, &[], on).unwrap());
    let mut met = 0;
    let there = told(|on| {
        let mut cutting = |seen| {
            met += 1;
            if met == 3005 {
                house.sshd.cut();
            }
            on(seen)
        };
        walk::walk_with(&mut RemoteLister::new(machine.clone(), &cancel), root.clone(), &[], &mut cutting);
    });
    assert_eq!(there, here);
}

/// Asks as a program does; gives the first line and what follows the headers.
fn ask(url: &str, method: &str, headers: &str) -> (String, Vec<u8>) {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "{method} /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n").unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).unwrap();
    let end = said.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let first = String::from_utf8_lossy(&said[..end]).lines().next().unwrap().to_owned();
    (first, said.split_off(end + 4))
}

#[test]
fn a_file_there_is_read_here_from_anywhere_in_it_and_by_nobody_who_does_not_know_its_address() {
    let Some(house) = House::new() else { return };
    let path = house.dir.path().join("it's $(a) film.mkv");
    make(&path, 1_000_003);
    let bytes = fs::read(&path).unwrap();
    let served = Served::start(house.machine(), &path, bytes.len() as u64, "mkv").unwrap();
    let url = served.url().to_owned();
    assert!(url.ends_with(".mkv"), "{url}");
    let whole = ask(&url, "GET", "");
    assert!(whole.0.contains("200") && whole.1 == bytes, "{}", whole.0);
    for (range, wanted) in [("0-", 0..1_000_003), ("999999-", 999_999..1_000_003), ("300000-700000", 300_000..700_001)]
    {
        let (first, part) = ask(&url, "GET", &format!("Range: bytes={range}\r\n"));
        assert!(first.contains("206") && part == bytes[wanted], "{range}: {first}, {} bytes", part.len());
    }
    assert!(ask(&url, "GET", "Range: bytes=1000003-\r\n").0.contains("416"));
    assert_eq!(ask(&url, "HEAD", ""), ("HTTP/1.1 200 OK".to_owned(), Vec::new()));
    let guessed = format!("{}/film.mkv", url.rsplit_once('/').unwrap().0);
    assert!(ask(&guessed, "GET", "").0.contains("404"));
    assert_eq!(served.failure(), None);
    // The connection goes, and the file is read on.
    house.sshd.cut();
    assert_eq!(ask(&url, "GET", "").1.len(), bytes.len());
    fs::remove_file(&path).unwrap();
    house.sshd.cut();
    ask(&url, "GET", "");
    let failure = served.failure().unwrap();
    assert!(failure.contains("No such file"), "{failure}");
    drop(served);
    let host = url.strip_prefix("http://").unwrap().split_once('/').unwrap().0;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while TcpStream::connect(host).is_ok() {
        assert!(std::time::Instant::now() < deadline, "it is still served");
    }
}
