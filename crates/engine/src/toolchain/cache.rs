//! What was learned about builds, so that a start does not run a dozen programs. A cache: losing it costs seconds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mediaflow_ffmpeg::build::Build;
use mediaflow_transport::machine::Machine;
use mediaflow_transport::tools::stamp;
use serde::{Deserialize, Serialize};

use super::Trials;

/// Changes with the meaning of the entries, so that those of an older MediaFlow are forgotten.
const FORMAT: u32 = 3;

#[derive(Debug, Clone)]
pub(super) struct Cache {
    path: PathBuf,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    format: u32,
    pairs: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    build: Build,
    /// With the machine's condition: with another boot may come another driver, with other devices anything.
    trials: Option<(String, Trials)>,
}

impl Cache {
    pub(super) fn in_dir(data_dir: &Path) -> Self {
        Self { path: data_dir.join("tools/cache.json") }
    }

    pub(super) fn build(&self, pair: &str) -> Option<Build> {
        self.load().pairs.remove(pair).map(|entry| entry.build)
    }

    pub(super) fn trials(&self, pair: &str, machine: &dyn Machine) -> Option<Trials> {
        let (condition, trials) = self.load().pairs.remove(pair)?.trials?;
        machine.condition().is_ok_and(|now| now == condition).then_some(trials)
    }

    pub(super) fn remember(&self, pair: &str, build: &Build, trials: Option<(&Trials, &dyn Machine)>) {
        let mut content = self.load();
        content.format = FORMAT;
        let trials = trials.and_then(|(trials, machine)| Some((machine.condition().ok()?, trials.clone())));
        content.pairs.insert(pair.to_owned(), Entry { build: build.clone(), trials });
        if let Err(error) = self.save(&content) {
            tracing::debug!(path = %self.path.display(), %error, "what ffmpeg can do is not remembered");
        }
    }

    /// The folder that it lies in.
    pub(super) fn dir(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).to_owned()
    }

    fn load(&self) -> Content {
        let text = fs::read(&self.path).unwrap_or_default();
        let content: Content = serde_json::from_slice(&text).unwrap_or_default();
        if content.format == FORMAT { content } else { Content::default() }
    }

    fn save(&self, content: &Content) -> io::Result<()> {
        if let Some(dir) = self.path.parent() {
            fs::create_dir_all(dir)?;
        }
        let draft = self.path.with_extension(format!("{}.new", std::process::id()));
        fs::write(&draft, serde_json::to_vec(content)?)?;
        fs::rename(&draft, &self.path)
    }
}

/// The name of a pair in the cache; `None` for programs that cannot be looked at.
pub(super) fn pair_stamp(ffmpeg: &Path, ffprobe: &Path) -> Option<String> {
    Some(format!("{}\n{}", stamp(ffmpeg).ok()?, stamp(ffprobe).ok()?))
}
