//! The last lines of the program's own log, kept in memory for the page that shows them.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use mediaflow_core::time::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::wire::Time;
use crate::wire::system::LogEntry;

/// Lines that are kept (`facts` §12).
pub const CAPACITY: usize = 2000;
/// One line is no longer than this: a file name or an error may be.
const LONGEST_BYTES: usize = 4096;

/// Keeps the last lines. Cheap to clone; every clone is the same one.
#[derive(Debug, Clone, Default)]
pub struct LogBuffer(Arc<Mutex<VecDeque<LogEntry>>>);

impl LogBuffer {
    /// Lines of a level, of whoever has `logger` in its name, newest first, with how many there are.
    #[must_use]
    pub fn lines(&self, level: Option<&str>, logger: &str, limit: usize, offset: usize) -> (Vec<LogEntry>, usize) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |entry: &&LogEntry| level.is_none_or(|level| entry.level == level) && entry.logger.contains(logger);
        let total = kept.iter().filter(fits).count();
        let page = kept.iter().rev().filter(fits).skip(offset).take(limit).cloned().collect();
        (page, total)
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nothing was logged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<S: Subscriber> Layer<S> for LogBuffer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        let entry = LogEntry {
            timestamp: Time(Timestamp(jiff::Timestamp::now().as_microsecond())),
            level: level_name(*metadata.level()).to_owned(),
            logger: metadata.target().to_owned(),
            message: text.0,
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == CAPACITY {
            kept.pop_front();
        }
        kept.push_back(entry);
    }
}

/// The contract's names.
const fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG | Level::TRACE => "DEBUG",
    }
}

/// The message of an event, with its other fields after it.
#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.0.len() > LONGEST_BYTES {
            return;
        }
        // Writing into a text cannot fail.
        let _ = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
        if self.0.len() > LONGEST_BYTES {
            let end = (0..=LONGEST_BYTES).rev().find(|at| self.0.is_char_boundary(*at)).unwrap_or(0);
            self.0.truncate(end);
            self.0.push('…');
        }
    }
}
