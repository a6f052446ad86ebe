//! MediaFlow's command line.

mod app;
mod cli;
mod commands;
mod config;
mod demo;
mod doctor;
mod progress;
mod show;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use mediaflow_api::logs::LogBuffer;

fn main() -> ExitCode {
    // The supervisor of one encode: before anything else is set up, since it outlives us.
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match words.first().and_then(|word| word.to_str()) {
        Some("supervise") => {
            return words.get(1).map_or(ExitCode::from(show::USAGE), |dir| {
                mediaflow_transport::executor::supervise(&PathBuf::from(dir))
            });
        }
        // A step of that encode which is not ffmpeg's.
        Some("metadata") => {
            return match mediaflow_engine::dynamic::step(&words) {
                Ok(()) => ExitCode::SUCCESS,
                Err(reason) => {
                    show::error(&show::Error::Other(reason));
                    ExitCode::FAILURE
                }
            };
        }
        _ => {}
    }
    let cli = Cli::parse();
    mediaflow_transport::process::renounce_real_time();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            show::error(&error);
            error.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, show::Error> {
    let config = config::Config::load(&cli.global)?;
    let logs = LogBuffer::default();
    config.log_level.install(logs.clone());
    match cli.command {
        Command::Serve(args) => commands::serve::run(&config, &args, logs),
        Command::Demo(args) => demo::run(&config, &args, logs),
        Command::Scan(args) => commands::scan::run(&config, &args),
        Command::Analyze(args) => commands::analyze::run(&config, &args),
        Command::Run(args) => commands::run::run(&config, &args),
        Command::Transcode(args) => commands::transcode::run(&config, &args),
        Command::Jobs(args) => commands::jobs::run(&config, &args),
        Command::Proof(args) => commands::proof::run(&config, &args),
        Command::Undo(args) => commands::undo::run(&config, &args),
        Command::Quarantine(args) => commands::quarantine::run(&config, &args),
        Command::Passwd(args) => commands::passwd::run(&config, &args),
        Command::Keys(args) => commands::keys::run(&config, &args),
        Command::Doctor(args) => commands::doctor::run(&config, &args),
    }
}
