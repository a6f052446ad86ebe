//! The words of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Shrinks a media library without ever risking an original.
///
/// Exit codes: 0 done, or nothing to do; 1 something failed; 2 wrong usage or configuration; 3 not worth it, the
/// original stays; 4 refused, the original stays; 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "mediaflow", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Where the database, working files and the managed ffmpeg are kept.
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Print one JSON value on standard output; everything else goes to standard error.
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server with its web app.
    Serve(ServeArgs),
    /// Make a sample library, show the whole job on it, and serve the result.
    Demo(DemoArgs),
    /// Read a folder of media files; a second scan only reads what changed.
    Scan(ScanArgs),
    /// Say what is worth re-encoding, and why.
    Analyze(AnalyzeArgs),
    /// Queue what is worth it and work through the queue.
    Run(RunArgs),
    /// Transcode one file now, in its place or beside it.
    Transcode(TranscodeArgs),
    /// List jobs, cancel them, let one be tried again, or show the log of one.
    Jobs(JobsArgs),
    /// Show what was measured before a job's output replaced its original.
    Proof(ProofArgs),
    /// Bring the original of a job back.
    Undo(UndoArgs),
    /// List the originals that wait in quarantine, or remove those whose time has come.
    Quarantine(QuarantineArgs),
    /// Set the password of the server: asked for twice, or read from standard input.
    Passwd(PasswdArgs),
    /// Make, list and revoke keys by which programs use the server.
    Keys(KeysArgs),
    /// Say what works on this machine, what is missing, and what to do.
    Doctor(DoctorArgs),
}

#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The address to listen on, instead of API_HOST; only this machine otherwise.
    #[arg(long, value_name = "ADDRESS")]
    pub host: Option<std::net::IpAddr>,
    /// The port, instead of API_PORT; 0 for any that is free.
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where the sample library is made; a folder of its own in the data directory otherwise.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// End after the table, without serving the result.
    #[arg(long)]
    pub no_serve: bool,
    #[command(flatten)]
    pub serve: ServeArgs,
}

#[derive(Debug, Args)]
pub struct ScanArgs {
    /// The folder.
    pub dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct AnalyzeArgs {}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// Jobs at the same time.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: Option<u16>,
    /// Only work through what is queued; queue nothing.
    #[arg(long)]
    pub no_queue: bool,
}

#[derive(Debug, Args)]
pub struct TranscodeArgs {
    /// The file.
    pub file: PathBuf,
    /// Balanced, Storage Saver, Mobile Optimized, Ultra Fidelity, Remux, or one of your own.
    #[arg(long, value_name = "NAME", default_value = mediaflow_core::media::preset::DEFAULT_PRESET)]
    pub preset: String,
    /// Change one field of the preset for this file, such as `crf_value=20` or `audio_languages=de,en`; may be given again. A
    /// name that is not there lists all.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub fields: Vec<String>,
    /// Write `{name} V2.{ext}` beside the original and leave the original alone.
    #[arg(long)]
    pub beside: bool,
    /// Re-encode although the source has decoding errors: the output will have what can be seen of it.
    #[arg(long)]
    pub accept_damage: bool,
    /// Leave out image subtitles where the container cannot hold them, instead of refusing.
    #[arg(long)]
    pub drop_image_subtitles: bool,
    /// Do it although it was done, judged or given up before.
    #[arg(long)]
    pub force: bool,
    /// Show what would happen to every stream, and the command, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub struct JobsArgs {
    #[command(subcommand)]
    pub action: Option<JobsAction>,
    /// How many to list, newest first.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

#[derive(Debug, Subcommand)]
pub enum JobsAction {
    /// Take a job back; a running one is gone within two seconds.
    Cancel {
        /// The job.
        job: i64,
    },
    /// Forget the failures of a job's file and queue it again.
    Retry {
        /// The job.
        job: i64,
    },
    /// Show a job's plan, its command and the end of its log.
    Show {
        /// The job.
        job: i64,
    },
}

#[derive(Debug, Args)]
pub struct ProofArgs {
    /// The job.
    pub job: i64,
}

#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The job.
    pub job: i64,
    /// Restore the original under a free name beside whatever has its place now.
    #[arg(long)]
    pub beside: bool,
}

#[derive(Debug, Args)]
pub struct QuarantineArgs {
    #[command(subcommand)]
    pub action: Option<QuarantineAction>,
}

#[derive(Debug, Subcommand)]
pub enum QuarantineAction {
    /// Remove the originals whose time has come and whose replacement still is what was proven.
    Purge,
}

#[derive(Debug, Args)]
pub struct PasswdArgs {
    /// Take the password away: only this machine can use the server then.
    #[arg(long)]
    pub remove: bool,
}

#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    pub action: Option<KeysAction>,
}

#[derive(Debug, Subcommand)]
pub enum KeysAction {
    /// Make a key; it is shown this once.
    Add {
        /// What to call it, such as "backup script".
        name: String,
    },
    /// List all keys, without what they open with.
    List,
    /// Take a key back; what uses it is shut out at once.
    Revoke {
        /// The key.
        key: i64,
    },
}

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Bring a current full build of ffmpeg into the data directory, checked by its hash.
    #[arg(long)]
    pub install_ffmpeg: bool,
    /// Only say what is wrong or was done.
    #[arg(long)]
    pub quiet: bool,
}
