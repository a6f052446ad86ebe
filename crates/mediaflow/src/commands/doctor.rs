//! `mediaflow doctor`

use std::io;
use std::process::ExitCode;

use mediaflow_engine::toolchain::ToolOptions;

use crate::app::{STOPPING, cancel_on_signals};
use crate::cli::DoctorArgs;
use crate::config::Config;
use crate::doctor::{self, DoctorOptions};
use crate::show::{self, Error};

pub fn run(config: &Config, args: &DoctorArgs) -> Result<ExitCode, Error> {
    let tools = ToolOptions {
        ffmpeg: config.ffmpeg.clone(),
        ffprobe: config.ffprobe.clone(),
        data_dir: config.data_dir.clone(),
    };
    let options = DoctorOptions { install_ffmpeg: args.install_ffmpeg, json: config.json, quiet: args.quiet };
    let can_work =
        doctor::run(&tools, options, &cancel_on_signals(STOPPING)?, &mut io::stdout(), &mut |line| show::note(line))
            .map_err(|error| Error::Other(format!("writing the report: {error}")))?;
    Ok(ExitCode::from(if can_work { 0 } else { show::FAILED }))
}
