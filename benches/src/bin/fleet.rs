//! Other machines: how much faster a queue is done by two of them than by one, and how much of the uploads is hidden behind
//! encodes. Each machine is an SSH server of this one, on a core of its own and held to a part of it by its control group,
//! for which this has to be run as root.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use clap::Parser;
use mediaflow_benches::server::Server;
use mediaflow_benches::{SystemClock, median, tools};
use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::media::preset::{builtins, find_builtin};
use mediaflow_core::replace::Epoch;
use mediaflow_engine::run::measure::Tools;
use mediaflow_engine::service::{Live, QueueWish, ServerWish, Service, ServiceOptions};
use mediaflow_store::{LoggedEvent, Store, THIS_MACHINE, WorkerTools};
use mediaflow_transport::executor::LocalExecutor;

#[derive(Parser)]
struct Options {
    /// Films in the queue.
    #[arg(long, default_value_t = 6)]
    films: usize,
    /// Length of each in seconds.
    #[arg(long, default_value_t = 8)]
    seconds: u32,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Percent of a core that each machine has.
    #[arg(long, default_value_t = 70)]
    percent: u32,
    /// Mbit/s of the line for the second table.
    #[arg(long, default_value_t = 16.0)]
    mbps: f64,
}

/// A machine: an SSH server in a control group.
struct Machine {
    dir: PathBuf,
    server: Server,
    group: PathBuf,
}

impl Machine {
    fn start(dir: &Path, core: usize, percent: u32) -> Self {
        let server = Server::start(dir, Ipv4Addr::LOCALHOST.into(), &["taskset", "-c", &core.to_string()]);
        let group = PathBuf::from(format!("/sys/fs/cgroup/cpu/mediaflow-bench-{}", server.port));
        fs::create_dir(&group).expect("control groups (v1) need root");
        fs::write(group.join("cpu.cfs_period_us"), "100000").unwrap();
        fs::write(group.join("cpu.cfs_quota_us"), (percent * 1000).to_string()).unwrap();
        fs::write(group.join("cgroup.procs"), server.pid().to_string()).unwrap();
        server.wait();
        Self { dir: dir.to_owned(), server, group }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.server.end();
        // Sessions that still end hold it for a moment.
        for _ in 0..100 {
            let left = fs::read_to_string(self.group.join("cgroup.procs")).unwrap_or_default();
            for pid in left.lines() {
                let _ = Command::new("kill").args(["-9", pid]).status();
            }
            if fs::remove_dir(&self.group).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// When jobs took which status, and how they ended.
#[derive(Default)]
struct Heard {
    events: Mutex<Vec<(Instant, Event)>>,
    more: Condvar,
}

/// What one queue came to.
struct Run {
    /// From the begin of the first job to the end of the last.
    seconds: f64,
    /// Seconds that each job waited for its source, in the order of their begin.
    transfers: Vec<f64>,
}

fn main() {
    let options = Options::parse();
    let dir = tempfile::tempdir().unwrap();
    let master = dir.path().join("master.mkv");
    let toolchain = tools(dir.path());
    make(&toolchain.ffmpeg, &master, options.seconds);
    let tools = Tools::of(&toolchain, 1);
    let machines: Vec<Machine> =
        (0..2).map(|core| Machine::start(&dir.path().join(format!("m{core}")), core, options.percent)).collect();

    let (mut one, mut two, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..options.rounds {
        let of = |count: usize, what: &str| {
            let place = dir.path().join(format!("{what}-{round}"));
            queue(&place, &master, &tools, &machines[..count], options.films, 0.0)
        };
        let (alone, both) = (of(1, "one").seconds, of(2, "two").seconds);
        ratios.push(alone / both);
        one.push(alone);
        two.push(both);
    }
    println!(
        "| {} films of {} s, machines of {} % of a core | median s | least–most s | times one |",
        options.films, options.seconds, options.percent
    );
    println!("| --- | ---: | ---: | ---: |");
    for (what, seconds, ratio) in [("one machine", &one, 1.0), ("two machines", &two, median(&ratios))] {
        let (least, most) = seconds.iter().fold((f64::MAX, 0.0_f64), |(low, high), s| (low.min(*s), high.max(*s)));
        println!("| {what} | {:.1} | {least:.1}–{most:.1} | {ratio:.2} |", median(seconds));
    }

    let mut hidden = Vec::new();
    let (mut upload, mut waited) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        let place = dir.path().join(format!("line-{round}"));
        let run = queue(&place, &master, &tools, &machines[..1], options.films, options.mbps);
        let (first, others) = run.transfers.split_first().unwrap();
        let wait = others.iter().sum::<f64>() / others.len() as f64;
        upload.push(*first);
        waited.push(wait);
        hidden.push(100.0 * (1.0 - wait / first));
    }
    println!("\n| sources over {} Mbit/s to one machine | median |", options.mbps);
    println!("| --- | ---: |");
    println!("| upload of one source, with nothing beside it, s | {:.2} |", median(&upload));
    println!("| what a job waits for its source that went ahead, s | {:.2} |", median(&waited));
    println!("| hidden behind encodes, % | {:.1} |", median(&hidden));
}

fn make(ffmpeg: &Path, film: &Path, seconds: u32) {
    let picture = format!("testsrc2=s=640x360:r=25:d={seconds}");
    let made = Command::new(ffmpeg)
        .args(["-v", "error", "-f", "lavfi", "-i", &picture])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-qp", "14", "-pix_fmt", "yuv420p"])
        .arg(film)
        .status()
        .unwrap();
    assert!(made.success());
}

/// Does a queue of copies of a film on these machines.
fn queue(place: &Path, master: &Path, tools: &Tools, machines: &[Machine], films: usize, mbps: f64) -> Run {
    let library = place.join("library");
    fs::create_dir_all(&library).unwrap();
    let bytes = fs::read(master).unwrap();
    for film in 0..films {
        // Each has bytes of its own: what is known of one says nothing about another.
        let path = library.join(format!("film {film}.mkv"));
        fs::write(&path, &bytes).unwrap();
        let title = format!("film {film}");
        let tagged = library.join("tagged.mkv");
        let done = Command::new(&tools.ffmpeg)
            .args(["-v", "error", "-i"])
            .arg(&path)
            .args(["-c", "copy", "-metadata", &format!("title={title}")])
            .arg(&tagged)
            .status()
            .unwrap();
        assert!(done.success());
        fs::rename(tagged, path).unwrap();
    }
    let store = Store::open(&place.join("mediaflow.db"), Arc::new(SystemClock)).unwrap();
    store
        .write(|tx| {
            for preset in builtins() {
                tx.preset_put(&preset)?;
            }
            tx.installation_ensure(Epoch(7)).map(drop)
        })
        .unwrap();
    let found = tools.clone();
    let service = Service::start(ServiceOptions {
        store: store.clone(),
        clock: Arc::new(SystemClock),
        epoch: Epoch(7),
        executor: Arc::new(LocalExecutor::new(std::env::current_exe().unwrap())),
        work: place.join("work"),
        uploads: place.join("uploads"),
        find_tools: Arc::new(move |_| Ok(found.clone())),
        scan_threads: 2,
        more_tasks: Vec::new(),
    })
    .unwrap();
    let heard = Arc::<Heard>::default();
    let told = Arc::clone(&heard);
    service.subscribe(Arc::new(move |live| {
        if let Live::Recorded(LoggedEvent { event, .. }) = live {
            told.events.lock().unwrap().push((Instant::now(), event.clone()));
            told.more.notify_all();
        }
    }));
    service.setting_set("intel.auto_analyze_on_sync", &false.into()).unwrap();
    service.setting_set("transcode.queue_paused", &true.into()).unwrap();
    service.setting_set("transfer.limit_mbps", &mbps.into()).unwrap();
    let off = ServerWish { is_enabled: Some(false), ..ServerWish::default() };
    service.server_update(THIS_MACHINE, &off).unwrap();
    for (number, machine) in machines.iter().enumerate() {
        join(&service, tools, number, machine);
    }
    let id = service.library_add(&library, None, "movie").unwrap().library.id;
    service.scan_start(id).unwrap();
    let parts = wait(|| {
        let mut parts = Vec::new();
        let visit = |media: mediaflow_store::MediaFile| {
            parts.extend(media.item.map(|item| item.part_id));
            std::ops::ControlFlow::Continue(())
        };
        store.read(|r| r.media_files(None, visit)).unwrap();
        (parts.len() == films).then_some(parts)
    });
    let preset = find_builtin("Balanced").unwrap();
    let wish = QueueWish {
        part_ids: &parts,
        preset: &preset,
        priority: 0,
        is_dry_run: false,
        is_forced: true,
        scheduled_after_at: None,
        preferred_worker_id: None,
    };
    assert_eq!(service.queue_items(&wish).unwrap().created.len(), films);
    let began = Instant::now();
    service.setting_set("transcode.queue_paused", &false.into()).unwrap();
    let mut events = heard.events.lock().unwrap();
    let ends = |events: &[(Instant, Event)]| {
        events.iter().filter(|(_, event)| matches!(event, Event::JobEnded { .. })).count()
    };
    while ends(&events) < films {
        events = heard.more.wait(events).unwrap();
    }
    for (_, event) in events.iter() {
        if let Event::JobEnded { ending, reason, .. } = event {
            assert_eq!(*ending, Ending::Replaced, "{reason}");
        }
    }
    let ended = events.iter().rev().find(|(_, event)| matches!(event, Event::JobEnded { .. })).unwrap().0;
    let run = Run { seconds: (ended - began).as_secs_f64(), transfers: transfers(&events) };
    drop(events);
    assert!(service.stop_soft(Duration::from_secs(60)));
    run
}

/// How long each job stood in `transferring`.
fn transfers(events: &[(Instant, Event)]) -> Vec<f64> {
    let mut since: BTreeMap<i64, Instant> = BTreeMap::new();
    let mut all = Vec::new();
    for (at, event) in events {
        match event {
            Event::JobStatusChanged { job_id, status: JobStatus::Transferring, .. } => drop(since.insert(*job_id, *at)),
            Event::JobStatusChanged { job_id, status: JobStatus::Transcoding, .. } => {
                all.extend(since.remove(job_id).map(|since| (*at - since).as_secs_f64()));
            }
            _ => {}
        }
    }
    all
}

fn join(service: &Service, tools: &Tools, number: usize, machine: &Machine) {
    let wish = ServerWish {
        name: Some(format!("machine {number}")),
        address: Some("127.0.0.1".to_owned()),
        port: Some(machine.server.port),
        key_path: Some(machine.server.key.display().to_string()),
        work_dir: Some(machine.dir.join("work").display().to_string()),
        ..ServerWish::default()
    };
    let id = service.server_create(&wish).unwrap().worker.id;
    let chosen =
        WorkerTools { ffmpeg: tools.ffmpeg.display().to_string(), ffprobe: tools.ffprobe.display().to_string() };
    service.store().write(|tx| tx.worker_tools_put(id, Some(&chosen))).unwrap();
    wait(|| {
        let worker = service.store().read(|r| r.worker(id)).unwrap();
        worker.capabilities.ffmpeg_version.map(drop)
    });
}

fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
