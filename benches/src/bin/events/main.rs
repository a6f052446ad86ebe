//! What live events cost: 1,000 WebSocket clients while ten jobs report their progress, and one client that never reads.
//!
//! The server is the real one (door, router, hub), in a process of its own so that its time and memory can be told from
//! those of the clients; ten jobs are made up, and tell their progress twice a second each, as running ones do. An event's
//! latency is the time from the stamp it gets when it is told to its arrival at a client. With few cores the clients
//! themselves are a part of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

mod clients;
mod server;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use clients::{Heard, Idle, listen};

#[derive(Parser)]
struct Options {
    /// Clients that read.
    #[arg(long, default_value_t = 1000)]
    clients: usize,
    /// How long each part lasts.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Be the server; used by this program itself.
    #[arg(long, hide = true)]
    serve: bool,
}

/// What is told.
#[derive(Debug, Clone, Copy)]
pub enum Talk {
    /// Ten jobs, twice a second each.
    Progress,
    /// Lines of log, large and often: enough to fill the socket of whoever does not read.
    Log,
}

fn main() {
    let Options { clients, seconds, serve } = Options::parse();
    if serve {
        return server::run();
    }
    println!("| what | clients | told | delivered | p50 ms | p99 ms | most ms | server CPU | server memory |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    measure("ten jobs", clients, Talk::Progress, seconds, false);
    measure("2 MB/s, all read", clients / 10, Talk::Log, seconds, false);
    measure("2 MB/s, one never reads", clients / 10, Talk::Log, seconds, true);
}

fn measure(what: &str, clients: usize, talk: Talk, seconds: u64, with_idle: bool) {
    let mut server = Server::start();
    let (heard, told, cpu, dropped) = clients::runtime().block_on(async {
        let mut idle = if with_idle { Some(Idle::connect(server.port).await) } else { None };
        let listening = listen(server.port, clients).await;
        let (cpu_before, begun) = (server.cpu_s(), Instant::now());
        let sockets = server.sockets();
        server.tell(talk, seconds);
        let (watched, told) = tokio::task::block_in_place(|| {
            let watched = idle.is_some().then(|| server.until_fewer_than(sockets, Duration::from_secs(seconds)));
            (watched, server.told())
        });
        let cpu = (server.cpu_s() - cpu_before) / begun.elapsed().as_secs_f64();
        let heard = listening.end(told).await;
        drop(idle.take());
        (heard, told, cpu, watched.flatten())
    });
    row(what, clients, told, &heard, cpu, server.memory_mb());
    if let Some(after) = dropped {
        println!("\nThe client that never reads was dropped after {:.1} s.", after.as_secs_f64());
    } else if with_idle {
        println!("\nThe client that never reads was not dropped.");
    }
}

#[allow(clippy::cast_precision_loss)]
fn row(what: &str, clients: usize, told: usize, heard: &Heard, cpu: f64, memory_mb: f64) {
    let share = heard.latencies_us.len() as f64 / (told * clients) as f64;
    let at = |share: f64| heard.at(share) / 1000.0;
    println!(
        "| {what} | {clients} | {told} | {:.2} % | {:.1} | {:.1} | {:.1} | {:.0} % of a core | {memory_mb:.0} MB |",
        share * 100.0,
        at(0.5),
        at(0.99),
        at(1.0),
        cpu * 100.0
    );
}

/// The server's process.
struct Server {
    child: Child,
    orders: ChildStdin,
    answers: std::io::Lines<BufReader<std::process::ChildStdout>>,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut server = Self { child, orders, answers: BufReader::new(answers).lines(), port: 0 };
        server.port = server.answer().parse().unwrap();
        server
    }

    fn answer(&mut self) -> String {
        self.answers.next().expect("the server lives").unwrap()
    }

    /// Has it tell something for so long.
    fn tell(&mut self, talk: Talk, seconds: u64) {
        writeln!(self.orders, "{talk:?} {seconds}").unwrap();
    }

    /// Waits until that is over, and gives how many events were told.
    fn told(&mut self) -> usize {
        self.answer().parse().unwrap()
    }

    fn proc(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).unwrap()
    }

    /// Processor time so far.
    fn cpu_s(&self) -> f64 {
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        // utime and stime (proc(5)), in hundredths on every Linux that matters.
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }

    /// Most memory so far.
    fn memory_mb(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Open sockets.
    fn sockets(&self) -> usize {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().flatten();
        let targets = open.filter_map(|fd| std::fs::read_link(fd.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// How long it takes until a connection is gone; `None` if none goes.
    fn until_fewer_than(&self, sockets: usize, limit: Duration) -> Option<Duration> {
        let begun = Instant::now();
        while begun.elapsed() < limit {
            if self.sockets() < sockets {
                return Some(begun.elapsed());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
