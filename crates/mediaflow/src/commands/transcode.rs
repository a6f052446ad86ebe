//! `mediaflow transcode FILE`

use std::process::ExitCode;

use mediaflow_core::job::Ending;
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::media::preset::Preset;
use mediaflow_core::media::tag::Mark;
use mediaflow_core::path::RelPath;
use mediaflow_core::plan::{Intent, plan};
use mediaflow_core::proof::Check;
use mediaflow_core::text;
use mediaflow_engine::queue::{Asked, Queued, Wish, find_preset, queue_file};
use mediaflow_engine::run::measure::{MeasureError, Measurer};
use mediaflow_engine::scan::{ScanError, on_disk, open_storage};
use mediaflow_engine::toolchain::Toolchain;
use mediaflow_ffmpeg::binding::{Arg, bind};
use mediaflow_store::{OutputMode, TaskKind};
use mediaflow_transport::walk;
use serde::Serialize;

use crate::app::{App, WorkLock};
use crate::cli::TranscodeArgs;
use crate::commands::run::recover;
use crate::config::Config;
use crate::progress::Bars;
use crate::show::{self, Error};

#[derive(Serialize)]
struct Shown {
    /// Where the file lies now: the output's path where there is one.
    path: String,
    job_id: Option<i64>,
    /// `replaced`, `kept` or `failed`.
    status: &'static str,
    ending: Ending,
    reason: String,
    before_bytes: u64,
    after_bytes: Option<u64>,
    proof: Vec<Check>,
    /// Why the CPU did what hardware was wanted for, or failed at.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<String>,
    /// The ending in words.
    #[serde(skip)]
    words: &'static str,
}

pub fn run(config: &Config, args: &TranscodeArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    let preset = chosen_preset(&app, args)?;
    let toolchain = app.toolchain(config)?;
    check_is_there(args)?;
    if args.dry_run {
        return dry_run(config, &app, &toolchain, args, &preset);
    }
    let scanner = app.scanner(&toolchain);
    let (storage, path) = locate(&app, args)?;
    if args.file.is_symlink() {
        let reason = "it is a symbolic link; name the file it leads to".to_owned();
        return Ok(finish(config, &kept(&args.file.display().to_string(), Ending::Refused, reason, 0)));
    }
    let lossy = path.to_string();
    let (file, info) = match scanner.scan_file(&storage, None, &path, &app.cancel) {
        Ok(found) => found,
        Err(ScanError::NotMedia { reason, .. }) => {
            return Ok(finish(config, &kept(&lossy, Ending::Refused, format!("it cannot be read: {reason}"), 0)));
        }
        Err(error) => return Err(error.into()),
    };
    let _lock = WorkLock::take(&config.data_dir)?;
    let runner = app.runner(config, &toolchain)?;
    let standing = recover(&app, &runner)?;
    // A try that the user asks for is a new one: what failed before does not count against it.
    if let (true, Some(content)) = (args.force, &file.content) {
        app.store.write(|tx| tx.verdict_clear(content, Some(&preset.settings.policy())))?;
    }
    let title = String::from_utf8_lossy(path.stem()).into_owned();
    let wish = Wish {
        file: &file,
        info: &info,
        title: &title,
        preset: &preset,
        mode: if args.beside { OutputMode::Beside } else { OutputMode::Replace },
        asked: if args.force { Asked::Insisted } else { Asked::ByName },
        priority: 10,
        scheduled_after_at: None,
    };
    let job_id = match queue_file(&app.store, app.epoch, &wish)? {
        Queued::Job(job_id) | Queued::Already(job_id) => job_id,
        Queued::LeftAlone(reason) => {
            let reason = format!("{reason} (--force does it all the same)");
            let kept = kept(&lossy, Ending::NotWorthIt, reason, file.size_bytes());
            return Ok(finish(config, &Shown { words: "left alone", ..kept }));
        }
        Queued::Refused(reason) => {
            return Ok(finish(config, &kept(&lossy, Ending::Refused, reason, file.size_bytes())));
        }
    };
    runner.run_one(job_id, standing, &Bars::new())?;
    if app.cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }
    let job = app.store.read(|r| r.job(job_id))?;
    let Some(ending) = job.ending else {
        return Err(Error::Other(format!("job {job_id} is {} and goes on with the next run", job.status)));
    };
    let proof = app.store.read(|r| r.proof_of_job(job_id))?;
    let replacement = app.store.read(|r| r.replacements_of_job(job_id))?.pop();
    let now = match replacement {
        Some(stored) if matches!(ending, Ending::Replaced | Ending::Placed) => stored.record.target,
        _ => job.path.clone(),
    };
    let shown = Shown {
        path: on_disk(&storage, &now).display().to_string(),
        job_id: Some(job_id),
        status: status_of(ending),
        ending,
        reason: job.reason.unwrap_or_default(),
        before_bytes: job.source_bytes,
        after_bytes: job.output_bytes,
        proof: proof.map(|stored| stored.proof.checks).unwrap_or_default(),
        fallback: fallback_of(&app, job_id)?,
        words: show::ending(ending),
    };
    Ok(finish(config, &shown))
}

/// What its last encode was instead of.
fn fallback_of(app: &App, job_id: i64) -> Result<Option<String>, Error> {
    let attempts = app.store.read(|r| r.attempts_of_job(job_id))?;
    let last = attempts.into_iter().rev().find(|attempt| attempt.kind == TaskKind::Encode);
    Ok(last.and_then(|attempt| attempt.encoded_by?.instead_of).map(|instead_of| instead_of.to_string()))
}

/// The word that scripts see for an ending.
pub const fn status_of(ending: Ending) -> &'static str {
    match ending {
        Ending::Replaced | Ending::Placed => "replaced",
        Ending::NotWorthIt | Ending::Refused | Ending::Cancelled | Ending::Planned => "kept",
        Ending::Failed => "failed",
    }
}

fn kept(path: &str, ending: Ending, reason: String, bytes: u64) -> Shown {
    Shown {
        path: path.to_owned(),
        job_id: None,
        status: status_of(ending),
        ending,
        reason,
        before_bytes: bytes,
        after_bytes: None,
        proof: Vec::new(),
        fallback: None,
        words: show::ending(ending),
    }
}

fn finish(config: &Config, shown: &Shown) -> ExitCode {
    if config.json {
        show::json(shown);
    } else {
        show::line(&format!("{}: {}: {}", shown.path, shown.words, shown.reason));
        if let Some(fallback) = &shown.fallback {
            show::line(fallback);
        }
        if let (Some(job_id), Ending::Replaced) = (shown.job_id, shown.ending) {
            let passed = shown.proof.iter().filter(|check| check.passed).count();
            show::line(&format!(
                "{passed} of {} held ({}). To take it back: {}",
                text::count(shown.proof.len(), "check"),
                config.command(&format!("proof {job_id}")),
                config.command(&format!("undo {job_id}"))
            ));
        }
    }
    show::code_of(shown.ending)
}

fn chosen_preset(app: &App, args: &TranscodeArgs) -> Result<Preset, Error> {
    let Some(preset) = find_preset(&app.store, &args.preset)? else {
        let names = app.store.read(|r| r.presets())?.into_iter().map(|(_, preset)| preset.name);
        let names: Vec<String> = names.chain(["Remux".to_owned()]).collect();
        return Err(Error::Usage(format!("there is no preset {:?}; there are {}", args.preset, names.join(", "))));
    };
    let mut preset = mediaflow_api::with_fields(preset, &args.fields).map_err(Error::Usage)?;
    preset.settings.accept_damage |= args.accept_damage;
    preset.settings.drop_image_subtitles |= args.drop_image_subtitles;
    Ok(preset)
}

/// Nothing is made known of a name that leads nowhere.
fn check_is_there(args: &TranscodeArgs) -> Result<(), Error> {
    let shown = args.file.display();
    match std::fs::symlink_metadata(&args.file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::Usage(format!("{shown} does not exist")))
        }
        Err(error) => Err(Error::Usage(format!("{shown} cannot be looked at: {error}"))),
        Ok(found) if found.is_dir() => Err(Error::Usage(format!("{shown} is a folder; mediaflow scan reads it"))),
        Ok(_) => Ok(()),
    }
}

/// The storage that a file lies on, and its path in it. The folder may be reached by links; the file itself counts as
/// named, so that a link is seen as one and refused.
fn locate(app: &App, args: &TranscodeArgs) -> Result<(mediaflow_store::Storage, RelPath), Error> {
    use std::os::unix::ffi::OsStrExt;
    let name = args.file.file_name().ok_or_else(|| Error::Usage(format!("{} is not a file", args.file.display())))?;
    let folder = match args.file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => std::path::Path::new("."),
    };
    let folder = walk::resolve(folder).map_err(ScanError::from)?;
    let (storage, below) = open_storage(&app.store, &folder)?;
    let path = match below {
        Some(below) => below.join(name.as_bytes()),
        None => RelPath::new(name.as_bytes()),
    };
    Ok((storage, path.map_err(ScanError::from)?))
}

#[derive(Serialize)]
struct DryRun<'a> {
    path: &'a str,
    refused: Option<String>,
    intent: Option<&'a Intent>,
    command: Vec<Vec<Arg>>,
    /// Who would encode the pictures on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoded_by: Option<EncodedBy>,
}

/// Shows the plan; nothing is written down, neither of the file nor of its folder.
fn dry_run(
    config: &Config,
    app: &App,
    toolchain: &Toolchain,
    args: &TranscodeArgs,
    preset: &Preset,
) -> Result<ExitCode, Error> {
    let path = &args.file.display().to_string();
    let tools = app.runner(config, toolchain)?.here.tools.clone();
    let probed = Measurer { tools: &tools, cancel: &app.cancel }.probe(&args.file);
    let trials = tools.devices.trials(&app.cancel)?;
    let planned = match probed {
        Ok((info, _)) => match trials.obstacle(&preset.settings) {
            Some(obstacle) => Err(obstacle),
            None => plan(&info, &preset.settings).map_err(|refusal| refusal.to_string()),
        },
        Err(MeasureError::Probe { reason, .. }) => Err(format!("it cannot be read: {reason}")),
        Err(error) => return Err(Error::Other(error.to_string())),
    };
    let intent = match planned {
        Ok(intent) => intent,
        Err(refused) if config.json => {
            show::json(&DryRun { path, refused: Some(refused), intent: None, command: Vec::new(), encoded_by: None });
            return Ok(ExitCode::from(show::REFUSED));
        }
        Err(refused) => return Ok(finish(config, &kept(path, Ending::Refused, refused, 0))),
    };
    let binding = bind(&intent, &Mark::new("dry-run", &intent.policy), &trials.abilities());
    if config.json {
        show::json(&DryRun {
            path,
            refused: None,
            intent: Some(&intent),
            command: binding.runs.into_iter().map(|run| run.args).collect(),
            encoded_by: binding.encoded_by,
        });
        return Ok(ExitCode::SUCCESS);
    }
    show::line(&format!("{path} -> {}", intent.container));
    print_plan(&intent);
    for remark in binding.encoded_by.iter().flat_map(EncodedBy::remarks) {
        show::line(&format!("  note: {remark}"));
    }
    for run in &binding.runs {
        let words: Vec<String> = run
            .args
            .iter()
            .map(|arg| match arg {
                Arg::Text(text) => text.clone(),
                Arg::Input => "INPUT".to_owned(),
                Arg::Output => "OUTPUT".to_owned(),
                Arg::Work(name) => format!("WORK/{name}"),
            })
            .collect();
        let words: Vec<String> = words.iter().map(|word| text::quoted(word)).collect();
        show::line(&format!("  {} {}", run.program.name(), words.join(" ")));
    }
    Ok(ExitCode::SUCCESS)
}

/// What happens to every stream, a line each.
pub fn print_plan(intent: &Intent) {
    for stream in &intent.streams {
        show::line(&format!("  {}", stream.describe()));
    }
    for dropped in &intent.dropped {
        show::line(&format!("  #{} {} left out: {}", dropped.source_index, dropped.codec, dropped.reason));
    }
    for note in &intent.notes {
        show::line(&format!("  note: {note}"));
    }
}
