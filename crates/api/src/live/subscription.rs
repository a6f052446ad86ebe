//! What a client wants to hear, by the contract's rules: a new one hears everything, and adding a name never narrows.

use std::collections::BTreeSet;

use serde_json::Value;

/// Names that one client may have at most, and letters in each; more are left aside.
const MOST_NAMES: usize = 1000;
const LONGEST_NAME: usize = 200;

/// What a client asked for in one message.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// Answered with `pong`, to this client only.
    Ping,
    /// The subscription changed, or the message made no sense: nothing to answer.
    Nothing,
}

/// The names that a client wants to hear.
#[derive(Debug)]
pub struct Subscription(BTreeSet<String>);

impl Default for Subscription {
    fn default() -> Self {
        Self(BTreeSet::from(["*".to_owned()]))
    }
}

impl Subscription {
    /// Takes a message of the client. What makes no sense is left aside; it never ends the connection.
    pub fn hear(&mut self, text: &str) -> Asked {
        let Ok(Value::Object(message)) = serde_json::from_str(text) else { return Asked::Nothing };
        let names = message.get("events").and_then(Value::as_array).into_iter().flatten();
        let names = names.filter_map(Value::as_str).filter(|name| name.len() <= LONGEST_NAME);
        match message.get("action").and_then(Value::as_str) {
            Some("subscribe") => {
                for name in names {
                    if self.0.len() < MOST_NAMES {
                        self.0.insert(name.to_owned());
                    }
                }
            }
            Some("unsubscribe") => {
                for name in names {
                    self.0.remove(name);
                }
            }
            Some("ping") => return Asked::Ping,
            _ => {}
        }
        Asked::Nothing
    }

    /// Whether the client wants to hear an event: by `*`, by its name, or by `<first part>.*`.
    #[must_use]
    pub fn wants(&self, event: &str) -> bool {
        let group = event.split('.').next().unwrap_or_default();
        self.0.contains("*")
            || self.0.contains(event)
            || self.0.iter().any(|name| name.strip_suffix(".*").is_some_and(|prefix| prefix == group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_client_hears_everything_and_subscribing_does_not_narrow() {
        let mut names = Subscription::default();
        assert!(names.wants("job.progress"));
        names.hear(r#"{"action":"subscribe","events":["job.completed"]}"#);
        assert!(names.wants("server.metrics"));
        names.hear(r#"{"action":"unsubscribe","events":["*"]}"#);
        assert!(!names.wants("server.metrics"));
        assert!(names.wants("job.completed"));
        names.hear(r#"{"action":"subscribe","events":["sync.*"]}"#);
        assert!(names.wants("sync.completed") && !names.wants("synchronous"));
    }

    #[test]
    fn nonsense_changes_nothing() {
        let mut names = Subscription::default();
        for text in [
            "",
            "no json",
            "[]",
            "[1,2]",
            "null",
            "7",
            "\"ping\"",
            "{}",
            r#"{"action":7}"#,
            r#"{"action":"unsubscribe","events":"*"}"#,
            r#"{"action":"unsubscribe","events":[7,null,{}]}"#,
        ] {
            assert_eq!(names.hear(text), Asked::Nothing, "{text}");
            assert!(names.wants("job.created"), "{text}");
        }
        assert_eq!(names.hear(r#"{"action":"ping"}"#), Asked::Ping);
    }
}
