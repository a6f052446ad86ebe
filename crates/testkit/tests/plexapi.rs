//! The stand-in for Plex is valid only if a client that others wrote can use it: `python-plexapi`, from PyPI.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::{fs, process};

use mediaflow_core::media::color::DynamicRange;
use mediaflow_testkit::plex::{Connection, Friend, Library, PinState, Plex, Resource, Server, dead_url, probe, sound};

const CLIENT: &str = "plexapi==4.18.3";

/// A Python that has the client, installed once below the target directory. `Err` says what is missing.
fn python() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let venv = target.join("plexapi-4.18.3");
    let python = venv.join("bin/python3");
    if !venv.join("ready").exists() {
        // In a folder of its own, so that two runs at a time do not meet.
        let making = target.join(format!("plexapi-{}", process::id()));
        run(Command::new("python3").args(["-m", "venv"]).arg(&making))?;
        run(Command::new(making.join("bin/python3")).args([
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            CLIENT,
        ]))?;
        fs::write(making.join("ready"), "").map_err(|error| error.to_string())?;
        if fs::rename(&making, &venv).is_err() {
            let _ = fs::remove_dir_all(&making);
        }
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let what = format!("{command:?}");
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{what}: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => Err(format!("{what}: {error}")),
    }
}

/// Ends what it holds, also when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_independent_client_can_use_it() {
    let python = match python() {
        Ok(python) => python,
        Err(missing) => {
            // Past the test's captured output, so that it is heard also when nothing fails.
            return writeln!(std::io::stderr(), "skipped: python-plexapi cannot be had: {missing}").unwrap();
        }
    };
    let server = Server::start("Home", Library::samples()).unwrap();
    let large = Arc::new(Server::start("Large", Library::generated(2000, 1)).unwrap());
    let plex = Plex::start().unwrap();
    let friend_token = "token-of-a-friend";
    server.let_in(friend_token, 7);
    {
        let of = |uri: String, local, relay| Connection { uri, local, relay };
        let dead = dead_url().unwrap().replace("http:", "https:");
        let connections = vec![
            of(dead.clone(), true, false),
            of(server.url(), true, false),
            of(dead.clone(), false, false),
            of(dead, false, true),
        ];
        plex.with(|account| {
            account.resources.push(server.resource(connections));
            let theirs = Resource { shared_by: Some((99, "friend".to_owned())), ..large.resource(Vec::new()) };
            account.resources.push(Resource { name: "Theirs".to_owned(), ..theirs });
            let browser = Resource { provides: "client,player".to_owned(), ..server.resource(Vec::new()) };
            account.resources.push(Resource { name: "Browser".to_owned(), machine: "browser".to_owned(), ..browser });
            let tokens = vec![(server.machine().to_owned(), friend_token.to_owned())];
            account.friends.push(Friend { id: 7, name: "kid".to_owned(), tokens });
        });
    }
    server.with(|library| {
        let long = library.find("Long").unwrap();
        library.play(long, 7);
        let sdr = (DynamicRange::Sdr, None);
        let mut smaller = probe("hevc", (1920, 1080), sdr, vec![sound("aac", None, 2, "eng", None)]);
        smaller.size_bytes /= 2;
        library.file_is("/data/Movies/Plain (2020)/Plain (2020).mkv", smaller);
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plexapi_client.py");
    let started = Command::new(python)
        .arg("-B")
        .arg(script)
        .args([plex.url(), server.url(), server.token(), friend_token.to_owned(), large.url(), large.token()])
        // Its own files and settings stay out of this.
        .env("PLEXAPI_CONFIG_PATH", "none.ini")
        .env_remove("http_proxy")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut client = Running(started);
    let mut answers = client.0.stdin.take().unwrap();
    let mut is_done = false;
    for line in BufReader::new(client.0.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        println!("{line}");
        // What a person does in the browser.
        match line.split_once(' ') {
            Some(("ENTER", code)) => assert!(plex.with(|account| account.set_pin(code, PinState::Authorised))),
            Some(("DENY", code)) => assert!(plex.with(|account| account.set_pin(code, PinState::Denied))),
            _ => {
                is_done |= line == "DONE";
                continue;
            }
        }
        writeln!(answers, "done").unwrap();
    }
    assert!(client.0.wait().unwrap().success() && is_done);
    // It asked for pages in headers, as the real server is asked.
    assert!(large.door().asked().iter().any(|asked| asked.page == (Some(37), Some(37))));
}
