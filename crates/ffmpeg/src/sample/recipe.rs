//! One run of ffmpeg, written as its options are read aloud.

use super::scene::Picture;
use super::{SCRATCH, output_name};

/// High-bitrate H.264, as a disc or a broadcast has it: the kind of source that has much to give. Two threads whatever
/// the machine has, because the number of threads changes the bytes.
pub const H264: &str = "-c:v libx264 -preset veryfast -crf 12 -threads 2 -pix_fmt yuv420p";

/// Arguments so far.
pub struct Run(Vec<String>);

impl Run {
    /// Quiet, never asking, overwriting what an interrupted run left.
    pub fn new() -> Self {
        Self(Vec::new()).words("-hide_banner -nostdin -loglevel error -y")
    }

    /// A generated input.
    pub fn generated(self, graph: String) -> Self {
        self.words("-f lavfi -i").word(graph)
    }

    /// The pictures as the next input.
    pub fn pictures(self, picture: &Picture) -> Self {
        self.generated(picture.graph())
    }

    /// A file of the scratch folder as the next input.
    pub fn file(self, name: &str) -> Self {
        self.word("-i").word(scratch(name))
    }

    /// A file of the scratch folder as an attachment.
    pub fn attach(self, name: &str) -> Self {
        self.word("-attach").word(scratch(name))
    }

    /// Arguments without blanks in them.
    pub fn words(mut self, arguments: &str) -> Self {
        self.0.extend(arguments.split_whitespace().map(str::to_owned));
        self
    }

    /// One argument, blanks and all.
    pub fn word(mut self, argument: impl Into<String>) -> Self {
        self.0.push(argument.into());
        self
    }

    /// A tag of an output stream, such as `s:a:0` `title`.
    pub fn tag(self, stream: &str, key: &str, value: &str) -> Self {
        self.word(format!("-metadata:{stream}")).word(format!("{key}={value}"))
    }

    /// Ends the run with a file of the scratch folder. Bit-exact, so that no random ids are written.
    pub fn to(self, name: &str) -> Vec<String> {
        self.words("-fflags +bitexact").word(scratch(name)).0
    }

    /// Ends the run with the clip itself, whose place in the library is `path`.
    pub fn clip(self, path: &str) -> Vec<String> {
        self.to(&output_name(path))
    }
}

fn scratch(name: &str) -> String {
    format!("{SCRATCH}/{name}")
}
