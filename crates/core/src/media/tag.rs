//! The mark that MediaFlow leaves in the files it makes, so that a lost database does not start a loop.

use crate::identity::Hash;

/// Key of the mark in Matroska's global tags.
pub const KEY: &str = "MEDIAFLOW";

const PREFIX: &str = "mediaflow/1";

/// Which job made a file, under which policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Public id of the job (unique across installations).
    pub job: String,
    /// First 16 hex digits of the policy's hash.
    pub policy: String,
}

impl Mark {
    /// The mark of an output.
    #[must_use]
    pub fn new(job: &str, policy: &Hash) -> Self {
        Self { job: job.to_owned(), policy: policy.short() }
    }

    /// As written into the file.
    #[must_use]
    pub fn render(&self) -> String {
        format!("{PREFIX} job={} policy={}", self.job, self.policy)
    }

    /// Looks for a mark among a file's tags: under our own key, or in the encoder's tag, which is where MP4 has a
    /// place for the name of the program that wrote it.
    #[must_use]
    pub fn find(tags: &super::Tags) -> Option<Self> {
        tags.iter()
            .filter(|(key, _)| {
                key.eq_ignore_ascii_case(KEY)
                    || key.eq_ignore_ascii_case("encoder")
                    || key.eq_ignore_ascii_case("encoding_tool")
            })
            .find_map(|(_, value)| Self::parse(value))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.strip_prefix(PREFIX)?.split_whitespace();
        let job = words.next()?.strip_prefix("job=")?.to_owned();
        let policy = words.next()?.strip_prefix("policy=")?.to_owned();
        Some(Self { job, policy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_where_either_container_keeps_it() {
        let mark = Mark::new("ab12", &Hash::of_bytes(b"policy"));
        for key in [KEY, "encoder", "ENCODER"] {
            let tags = [("title".to_owned(), "x".to_owned()), (key.to_owned(), mark.render())].into();
            assert_eq!(Mark::find(&tags), Some(mark.clone()), "under {key}");
        }
        assert_eq!(Mark::find(&[("encoder".to_owned(), "Lavf61".to_owned())].into()), None);
    }
}
