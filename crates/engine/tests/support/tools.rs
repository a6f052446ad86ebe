//! The ffmpeg that tests of the engine run with.

use std::path::{Path, PathBuf};

use mediaflow_engine::run::measure::Tools;
use mediaflow_engine::toolchain::{Devices, ToolOptions, Toolchain};
use mediaflow_transport::cancel::Cancel;

/// Finds it, without hardware; `None`, with a line that says so, where there is none. `data_dir` is for what is found out.
pub fn tools_or_skip(data_dir: &Path) -> Option<Tools> {
    let pair = mediaflow_testkit::tools::Tools::find();
    let given = |path: PathBuf| path.is_absolute().then_some(path);
    let options =
        ToolOptions { ffmpeg: given(pair.ffmpeg), ffprobe: given(pair.ffprobe), data_dir: data_dir.join("tools") };
    match Toolchain::discover(&options, &Cancel::new()) {
        Ok(found) => Some(Tools { devices: Devices::default(), ..Tools::of(&found, 1) }),
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}
