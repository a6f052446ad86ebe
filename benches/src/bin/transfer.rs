//! One large file to another machine and back: by our own transfers over one and several connections, and by `scp`, `sftp`
//! and `rsync`, all with AES-128-GCM. The other machine is an SSH server of this one, over the loopback device or, with
//! `--delay-ms` and as root, over a line of that length.
//!
//! Ours hashes every piece at both ends, reading back what was written, and syncs what it fetched; `rsync` hashes what it sends
//! and what it receives; the others do neither.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Parser;
use mediaflow_benches::cpu::cpu_seconds;
use mediaflow_benches::line::Line;
use mediaflow_benches::server::Server;
use mediaflow_benches::{median, timed};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{Host, Login, RemoteMachine, Ssh, Transfer};

#[derive(Parser)]
struct Options {
    /// Length of the file, in millions of bytes.
    #[arg(long, default_value_t = 1000)]
    megabytes: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Round trip of the line in milliseconds; none is the loopback device.
    #[arg(long)]
    delay_ms: Option<u64>,
    /// Numbers of connections for ours; 1 and 4, on a line also 8 and 16, unless they are named.
    #[arg(long, value_delimiter = ',')]
    streams: Vec<usize>,
    /// Leaves `scp`, `sftp` and `rsync` out.
    #[arg(long)]
    only_ours: bool,
    /// Where the files lie at both ends, such as a folder in memory.
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// What moves the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mover {
    Ours { streams: usize },
    Scp,
    Sftp,
    Rsync,
}

/// What one mover did in each round.
struct Side {
    mover: Mover,
    megabytes_per_second: Vec<f64>,
    cpu_seconds: Vec<f64>,
}

/// A file, where it is to go, and the way there.
struct Bench {
    here: PathBuf,
    there: PathBuf,
    back: PathBuf,
    bytes: u64,
    server: Server,
    user: String,
    ssh: Ssh,
}

fn main() {
    let options = Options::parse();
    let dir = match &options.dir {
        Some(dir) => tempfile::tempdir_in(dir).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let line = options.delay_ms.map(|delay_ms| Line::new(Duration::from_millis(delay_ms)));
    let bench = Bench::new(dir.path(), options.megabytes * 1_000_000, line.as_ref());
    let streams = match (options.streams.as_slice(), &line) {
        ([], None) => [1, 4].as_slice(),
        ([], Some(_)) => &[1, 4, 8, 16],
        (named, _) => named,
    };
    let others = if options.only_ours { [].as_slice() } else { &[Mover::Scp, Mover::Sftp, Mover::Rsync] };
    let movers: Vec<Mover> =
        others.iter().copied().chain(streams.iter().map(|&streams| Mover::Ours { streams })).collect();
    for way in [Way::Up, Way::Down] {
        let mut sides: Vec<Side> = movers.iter().map(|&mover| Side::new(mover)).collect();
        for _ in 0..options.rounds {
            for side in &mut sides {
                bench.measure(way, side);
            }
        }
        // What carries the packets of a line is no part of what moves the file.
        print(way, &sides, line.is_none());
    }
}

impl Bench {
    fn new(dir: &Path, bytes: u64, line: Option<&Line>) -> Self {
        let address = line.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), Line::address);
        let before = line.map(Line::before);
        let before: Vec<&str> = before.iter().flatten().map(String::as_str).collect();
        let server = Server::start(&dir.join("server"), address, &before);
        let here = dir.join("here.bin");
        let mut noise = File::open("/dev/urandom").unwrap().take(bytes);
        std::io::copy(&mut noise, &mut File::create(&here).unwrap()).unwrap();
        server.wait();
        let user = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
        let (there, back) = (dir.join("there.bin"), dir.join("back.bin"));
        Self { here, there, back, bytes, server, user, ssh: Ssh::start().unwrap() }
    }

    /// Moves the file once, with the connecting and logging in.
    fn measure(&self, way: Way, side: &mut Side) {
        let (from, to) = match way {
            Way::Up => (&self.here, &self.there),
            Way::Down => (&self.there, &self.back),
        };
        if way == Way::Down && !self.there.exists() {
            fs::copy(&self.here, &self.there).unwrap();
        }
        let _ = fs::remove_file(to);
        let before = self.cpu_seconds();
        let (seconds, ()) = timed(|| match side.mover {
            Mover::Ours { streams } => self.ours(streams, way, from, to),
            Mover::Scp => self.scp(way, from, to),
            Mover::Sftp => self.sftp(way, from, to),
            Mover::Rsync => self.rsync(way, from, to),
        });
        assert_eq!(fs::metadata(to).unwrap().len(), self.bytes, "{}", side.mover.name());
        side.megabytes_per_second.push(self.bytes as f64 / 1e6 / seconds);
        side.cpu_seconds.push(self.cpu_seconds() - before);
        fs::remove_file(to).unwrap();
    }

    /// What this process, the server, and all that they started took of a core.
    fn cpu_seconds(&self) -> f64 {
        cpu_seconds(std::process::id()) + self.server.cpu_seconds()
    }

    fn ours(&self, streams: usize, way: Way, from: &Path, to: &Path) {
        let machine = self.machine();
        let transfer = Transfer {
            machine: &machine,
            streams,
            limit_bytes_per_second: None,
            cancel: &Cancel::new(),
            on_progress: &|_| (),
        };
        let moved = match way {
            Way::Up => transfer.upload(from, to),
            Way::Down => transfer.download(from, to),
        };
        assert_eq!(moved.unwrap().sent_bytes, self.bytes);
    }

    /// One to which nothing is connected yet, as the others begin, too.
    fn machine(&self) -> RemoteMachine {
        let (address, port, user) = (self.server.address.to_string(), self.server.port, self.user.clone());
        let logins = vec![Login::KeyFile { path: self.server.key.clone(), passphrase: None }];
        self.ssh.machine(Host { address, port, user, logins, pinned: None, via: None })
    }

    fn scp(&self, way: Way, from: &Path, to: &Path) {
        let mut scp = Command::new("scp");
        scp.arg("-q").args(self.words()).args(["-P", &self.server.port.to_string()]);
        self.ends(way, from, to, &mut scp);
    }

    fn rsync(&self, way: Way, from: &Path, to: &Path) {
        let ssh = format!("ssh -p {} {}", self.server.port, self.words().join(" "));
        let mut rsync = Command::new("rsync");
        rsync.args(["--inplace", "--whole-file", "-e", &ssh]);
        self.ends(way, from, to, &mut rsync);
    }

    /// Runs a program that takes one path here and one there.
    fn ends(&self, way: Way, from: &Path, to: &Path, program: &mut Command) {
        let there = |path: &Path| format!("{}:{}", self.at(), path.display());
        match way {
            Way::Up => program.arg(from).arg(there(to)),
            Way::Down => program.arg(there(from)).arg(to),
        };
        assert!(program.status().unwrap().success(), "{program:?}");
    }

    fn sftp(&self, way: Way, from: &Path, to: &Path) {
        let mut sftp = Command::new("sftp");
        sftp.arg("-q").args(self.words()).args(["-P", &self.server.port.to_string(), "-b", "-", &self.at()]);
        let mut running = sftp.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let verb = if way == Way::Up { "put" } else { "get" };
        let mut batch = running.stdin.take().unwrap();
        writeln!(batch, "{verb} {} {}", from.display(), to.display()).unwrap();
        drop(batch);
        assert!(running.wait().unwrap().success(), "{sftp:?}");
    }

    fn at(&self) -> String {
        format!("{}@{}", self.user, self.server.address)
    }

    /// What all of OpenSSH's programs are told: our key, our server, and the cipher that ours takes.
    fn words(&self) -> Vec<String> {
        let key = self.server.key.display();
        let options = [
            "Ciphers=aes128-gcm@openssh.com".to_owned(),
            format!("IdentityFile={key}"),
            "IdentitiesOnly=yes".to_owned(),
            "BatchMode=yes".to_owned(),
            "StrictHostKeyChecking=no".to_owned(),
            "UserKnownHostsFile=/dev/null".to_owned(),
            "LogLevel=ERROR".to_owned(),
        ];
        let own = ["-F", "/dev/null"].map(str::to_owned);
        own.into_iter().chain(options.into_iter().flat_map(|option| ["-o".to_owned(), option])).collect()
    }
}

impl Mover {
    fn name(self) -> String {
        match self {
            Self::Ours { streams: 1 } => "MediaFlow, 1 connection".to_owned(),
            Self::Ours { streams } => format!("MediaFlow, {streams} connections"),
            Self::Scp => "scp".to_owned(),
            Self::Sftp => "sftp".to_owned(),
            Self::Rsync => "rsync".to_owned(),
        }
    }
}

impl Side {
    const fn new(mover: Mover) -> Self {
        Self { mover, megabytes_per_second: Vec::new(), cpu_seconds: Vec::new() }
    }

    /// The median over the rounds of this side's rate to another one in the same round.
    fn ratio(&self, others: &[f64]) -> f64 {
        let rates = self.megabytes_per_second.iter().zip(others);
        median(&rates.map(|(own, other)| own / other).collect::<Vec<_>>())
    }
}

fn print(way: Way, sides: &[Side], with_cpu: bool) {
    let scp = sides.iter().find(|side| side.mover == Mover::Scp);
    let others = || sides.iter().filter(|side| !matches!(side.mover, Mover::Ours { .. }));
    let rounds = sides.iter().map(|side| side.megabytes_per_second.len()).min().unwrap_or_default();
    let best: Vec<f64> = (0..rounds)
        .map(|round| others().map(|side| side.megabytes_per_second[round]).fold(f64::NAN, f64::max))
        .collect();
    let what = if way == Way::Up { "to the other machine" } else { "from there" };
    let (head, rule) = if with_cpu { (" CPU s |", " ---: |") } else { ("", "") };
    println!("\n| {what} | MB/s | least–most | of scp | of the best of the three |{head}");
    println!("| --- | ---: | ---: | ---: | ---: |{rule}");
    for side in sides {
        let rates = &side.megabytes_per_second;
        let (least, most) =
            rates.iter().fold((f64::MAX, 0.0_f64), |(low, high), rate| (low.min(*rate), high.max(*rate)));
        let of_scp = scp.map_or(f64::NAN, |scp| side.ratio(&scp.megabytes_per_second));
        let (name, middle, of_best) = (side.mover.name(), median(rates), side.ratio(&best));
        let cpu = if with_cpu { format!(" {:.2} |", median(&side.cpu_seconds)) } else { String::new() };
        println!("| {name} | {middle:.0} | {least:.0}–{most:.0} | {of_scp:.2} | {of_best:.2} |{cpu}");
    }
}
