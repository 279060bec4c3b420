//! The last line on the standard output.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

/// What a run found out, as one line of JSON.
pub struct Answer(Value);

impl Answer {
    /// So many operations took so long.
    pub fn took(time: Duration, ops: usize) -> Self {
        Self(json!({ "seconds": time.as_secs_f64(), "ops": ops }))
    }

    /// A chore was done; not part of the contract.
    pub fn done(what: &str) -> Self {
        Self(json!({ "done": what }))
    }

    /// How it was done, in a few words.
    pub fn note(mut self, how: &str) -> Self {
        self.0["notes"] = how.into();
        self
    }

    /// How long a part of it took.
    pub fn part(mut self, name: &str, time: Duration) -> Self {
        self.0["parts"][name] = time.as_secs_f64().into();
        self
    }

    /// When the work began and ended, in seconds since 1970.
    pub fn span(mut self, t0: f64, t1: f64) -> Self {
        self.0["t0"] = t0.into();
        self.0["t1"] = t1.into();
        self
    }

    /// What tells a right result from a wrong one.
    pub fn check(mut self, value: impl Into<Value>) -> Self {
        self.0["check"] = value.into();
        self
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The middle one of several times.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
