//! Progress of jobs: a bar for each on a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mediaflow_core::text;
use mediaflow_engine::run::{Ended, Progress, Stage, Watch};
use mediaflow_store::Job;

use crate::show;

/// How often a job says how far it is where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows running jobs on standard error.
pub struct Bars {
    terminal: bool,
    all: MultiProgress,
    jobs: Mutex<HashMap<i64, Shown>>,
}

struct Shown {
    bar: ProgressBar,
    stage: Option<Stage>,
    said: Instant,
}

impl Bars {
    /// Bars if standard error is a terminal.
    pub fn new() -> Self {
        let terminal = io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { terminal, all: MultiProgress::with_draw_target(target), jobs: Mutex::new(HashMap::new()) }
    }

    /// A bar for something that is not a job.
    pub fn task(&self, what: &str) -> ProgressBar {
        let bar = self.all.add(ProgressBar::new(0));
        bar.set_style(style("{prefix:<12} [{bar:30}] {pos}/{len} {wide_msg}"));
        bar.set_prefix(what.to_owned());
        bar
    }

    fn say(&self, line: &str) {
        if self.terminal {
            // Above the bars, which are drawn again below it.
            let _ = self.all.println(line);
        } else {
            show::note(line);
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<i64, Shown>) -> T) -> T {
        work(&mut self.jobs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants; a broken one would show the default bar.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─")
}

impl Watch for Bars {
    fn started(&self, job: &Job) {
        let bar = self.all.add(ProgressBar::new(1000));
        bar.set_style(style("{prefix:<34} [{bar:24}] {percent:>3}% {wide_msg}"));
        bar.set_prefix(shortened(&job.title, 34));
        self.with(|jobs| jobs.insert(job.id, Shown { bar, stage: None, said: Instant::now() }));
    }

    fn progress(&self, job: &Job, progress: &Progress) {
        let message = describe(progress);
        let line = self.with(|jobs| {
            let shown = jobs.get_mut(&job.id)?;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            shown.bar.set_position((progress.share.clamp(0.0, 1.0) * 1000.0) as u64);
            shown.bar.set_message(message.clone());
            let is_new_stage = shown.stage != Some(progress.stage);
            if !is_new_stage && shown.said.elapsed() < LINE_EVERY {
                return None;
            }
            (shown.stage, shown.said) = (Some(progress.stage), Instant::now());
            Some(format!("job {} {}: {:.0} % {message}", job.id, job.title, progress.share * 100.0))
        });
        if let (false, Some(line)) = (self.terminal, line) {
            show::note(&line);
        }
    }

    fn ended(&self, job: &Job, ended: Option<&Ended>) {
        if let Some(shown) = self.with(|jobs| jobs.remove(&job.id)) {
            shown.bar.finish_and_clear();
            self.all.remove(&shown.bar);
        }
        match ended {
            Some(ended) => {
                self.say(&format!("job {} {}: {}: {}", job.id, job.title, show::ending(ended.ending), ended.reason));
            }
            None => self.say(&format!("job {} {}: waits for the next run", job.id, job.title)),
        }
    }
}

fn describe(progress: &Progress) -> String {
    let mut text = progress.stage.name().to_owned();
    if let Some(fps) = progress.fps.filter(|fps| *fps > 0.0) {
        text.push_str(&format!(", {fps:.0} fps"));
    }
    if let Some(speed) = progress.speed.filter(|speed| *speed > 0.0) {
        text.push_str(&format!(", {speed:.2}x"));
    }
    if let Some(eta_s) = progress.eta_s {
        text.push_str(&format!(", {} left", text::duration(eta_s)));
    }
    text
}

/// The first characters of a title, so that bars stand in line.
fn shortened(title: &str, most: usize) -> String {
    if title.chars().count() <= most {
        return title.to_owned();
    }
    title.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
