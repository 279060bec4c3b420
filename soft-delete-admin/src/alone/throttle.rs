//! Guessing passwords takes long: five wrong ones a minute for a name, and sixty for all.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

const MINUTE: TimeDelta = TimeDelta::seconds(60);
const OF_A_NAME: usize = 5;
const OF_ALL: usize = 60;

/// Wrong passwords of the last minute.
#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<String, Vec<DateTime<Utc>>>>);

impl Throttle {
    /// Whether another attempt for this name is let through now.
    pub(super) fn lets(&self, name: &str, now: DateTime<Utc>) -> bool {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, times| {
            times.retain(|at| now - *at < MINUTE);
            !times.is_empty()
        });
        let all: usize = wrong.values().map(Vec::len).sum();
        all < OF_ALL && wrong.get(name).is_none_or(|times| times.len() < OF_A_NAME)
    }

    /// An attempt was wrong.
    pub(super) fn wrong(&self, name: &str, now: DateTime<Utc>) {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.entry(name.to_owned()).or_default().push(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_few() {
        let now: DateTime<Utc> = "2026-01-15T08:00:00Z".parse().expect("a time");
        let throttle = Throttle::default();
        for _ in 0..5 {
            assert!(throttle.lets("ann", now));
            throttle.wrong("ann", now);
        }
        assert!(!throttle.lets("ann", now));
        assert!(throttle.lets("bob", now));
        assert!(throttle.lets("ann", now + MINUTE));
        for number in 0..60 {
            throttle.wrong(&format!("name {number}"), now);
        }
        assert!(!throttle.lets("bob", now), "nor by many names");
    }
}
