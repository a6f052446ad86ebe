//! What goes wrong, when a test wants it to.

use std::time::Duration;

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Another status instead of the answer: 401, 404, 500, 503, ...
    Status(u16),
    /// 429, with how many seconds to wait.
    TooMany {
        /// What `Retry-After` says, if it is sent.
        retry_after_s: Option<u32>,
    },
    /// The connection ends before an answer.
    Cut,
    /// The connection ends in the middle of the body.
    CutHalf,
    /// The answer comes late.
    Delay(Duration),
    /// The answer does not come, and the connection stays.
    Silence,
    /// The answer is neither JSON nor XML: a proxy's page, with status 200.
    Gibberish,
    /// `totalSize` is so many too high or too low.
    WrongTotal(i64),
    /// A page has at most so many items, though more were wanted and are there.
    ShortPage(usize),
    /// A page has the items of the one before it, though it says that it is the next one.
    PageTwice,
    /// The first item of the page is gone when the page has been sent, so that all others move up by one.
    Vanish,
}

/// Trouble, and which requests it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    trouble: Trouble,
    path: Option<String>,
    skip: u32,
    left: Option<u32>,
}

impl Fault {
    /// Trouble with the next request.
    #[must_use]
    pub const fn new(trouble: Trouble) -> Self {
        Self { trouble, path: None, skip: 0, left: Some(1) }
    }

    /// With the next `n` requests.
    #[must_use]
    pub const fn times(mut self, n: u32) -> Self {
        self.left = Some(n);
        self
    }

    /// With each request until [`super::Door::mend`].
    #[must_use]
    pub const fn always(mut self) -> Self {
        self.left = None;
        self
    }

    /// After `n` requests without.
    #[must_use]
    pub const fn after(mut self, n: u32) -> Self {
        self.skip = n;
        self
    }

    /// Only with requests whose path begins so.
    #[must_use]
    pub fn on(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }
}

/// The faults that are waiting.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What is to happen to a request, all that fits it.
    pub(super) fn take(&mut self, path: &str) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        for fault in &mut self.0 {
            if fault.path.as_deref().is_some_and(|prefix| !path.starts_with(prefix)) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(left) = &mut fault.left {
                if *left == 0 {
                    continue;
                }
                *left -= 1;
            }
            troubles.push(fault.trouble);
        }
        self.0.retain(|fault| fault.left != Some(0));
        troubles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_for_its_requests() {
        let mut faults = Faults::default();
        faults.add(Fault::new(Trouble::Cut).on("/library").after(1).times(2));
        let hits: Vec<usize> =
            ["/", "/library/a", "/library/b", "/", "/library/c", "/library/d"].map(|p| faults.take(p).len()).into();
        assert_eq!(hits, [0, 0, 1, 0, 1, 0]);
    }
}
