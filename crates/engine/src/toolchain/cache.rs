//! What was learned about builds, so that a start does not run a dozen programs. A cache: losing it costs seconds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mediaflow_ffmpeg::build::Build;
use mediaflow_transport::tools::{boot_id, stamp};
use serde::{Deserialize, Serialize};

use super::EncoderReport;

/// Changes with the meaning of the entries, so that those of an older MediaFlow are forgotten.
const FORMAT: u32 = 1;

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
    /// In which boot the encoders were tried: with the next one may come another driver.
    boot_id: String,
    encoders: Vec<EncoderReport>,
}

impl Cache {
    pub(super) fn in_dir(data_dir: &Path) -> Self {
        Self { path: data_dir.join("tools/cache.json") }
    }

    pub(super) fn build(&self, pair: &str) -> Option<Build> {
        self.load().pairs.remove(pair).map(|entry| entry.build)
    }

    pub(super) fn encoders(&self, pair: &str) -> Option<Vec<EncoderReport>> {
        let entry = self.load().pairs.remove(pair)?;
        (entry.boot_id == boot_id() && !entry.encoders.is_empty()).then_some(entry.encoders)
    }

    pub(super) fn remember(&self, pair: &str, build: &Build, encoders: &[EncoderReport]) {
        let mut content = self.load();
        content.format = FORMAT;
        let entry = Entry { build: build.clone(), boot_id: boot_id(), encoders: encoders.to_vec() };
        content.pairs.insert(pair.to_owned(), entry);
        if let Err(error) = self.save(&content) {
            tracing::debug!(path = %self.path.display(), %error, "what ffmpeg can do is not remembered");
        }
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
