//! The suite's own time.

use chrono::{DateTime, Utc};
use soft_delete::{Actor, Context, FixedClock};

/// Noon of a winter day, with microseconds that end in zeros: SQLite writes such times shorter than others.
pub fn noon() -> DateTime<Utc> {
    "2026-01-15T12:00:00.120Z".parse().expect("a time")
}

/// A context with actor, reason and a clock that shows [`noon`].
pub fn at_noon(actor: &str, reason: &str) -> Context {
    Actor::new(actor).because(reason).clock(FixedClock::at(noon()))
}
