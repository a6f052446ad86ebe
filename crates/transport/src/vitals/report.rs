//! What a machine says of itself, in lines: a key, a blank, and what it says. A key may come several times.

/// The lines of a report.
#[derive(Clone, Copy)]
pub(crate) struct Report<'a>(pub(crate) &'a str);

impl<'a> Report<'a> {
    /// What all lines of a key say, in their order; empty ones are left out.
    pub(crate) fn all(self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.lines().filter_map(move |line| {
            let (name, said) = line.split_once(' ')?;
            Some(said.trim()).filter(|said| name == key && !said.is_empty())
        })
    }

    /// What the first line of a key says.
    pub(crate) fn first(self, key: &'a str) -> Option<&'a str> {
        self.all(key).next()
    }

    /// The number in the first line of a key.
    pub(crate) fn number(self, key: &'a str) -> Option<u64> {
        self.first(key)?.parse().ok()
    }
}
