//! The line as a service, over a real store, a real ffmpeg and real supervisors.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod analysis;
mod away;
mod broadcasts;
mod commands;
mod disk;
mod dispatch;
mod fleet;
mod fleet_faults;
mod fleet_off;
mod forecast;
mod hours;
mod house;
mod leftovers;
mod libraries;
#[path = "../support/mounts.rs"]
#[allow(dead_code, reason = "other tests use the rest of it")]
mod mounts;
mod nas;
mod nas_away;
mod passes;
mod pause;
mod processes;
mod quality;
mod retries;
mod servers;
#[path = "../support/tools.rs"]
mod tools;

/// Not a test but the supervisor: the executor calls this program as `PROGRAM supervise DIR`, which the test harness
/// reads as filters, of which only the first names a test.
#[test]
fn supervise() {
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    if let [_, role, dir] = args.as_slice()
        && role == "supervise"
    {
        let code = mediaflow_transport::executor::supervise(std::path::Path::new(dir));
        std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
    }
}
