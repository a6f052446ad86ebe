//! Numbers between two others.

/// The least and the greatest that is wanted, both themselves included. A number that is not known is within none but the
/// free bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds<T> {
    /// Nothing below it.
    pub least: Option<T>,
    /// Nothing above it.
    pub most: Option<T>,
}

impl<T> Default for Bounds<T> {
    fn default() -> Self {
        Self { least: None, most: None }
    }
}

impl<T: PartialOrd> Bounds<T> {
    /// Whether nothing is kept out.
    pub const fn are_free(&self) -> bool {
        self.least.is_none() && self.most.is_none()
    }

    /// Whether a number lies between them.
    pub fn hold(&self, number: Option<T>) -> bool {
        match number {
            Some(number) => {
                self.least.as_ref().is_none_or(|least| number >= *least)
                    && self.most.as_ref().is_none_or(|most| number <= *most)
            }
            None => self.are_free(),
        }
    }
}
