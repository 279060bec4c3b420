//! When a cleanup is due: at the same moments for every instance.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::failure::Failure;

/// Moments at a regular distance, counted from 1970; one that was missed is made up for once.
pub(super) struct Ticks {
    every: i64,
    last: Option<i64>,
}

impl Ticks {
    pub(super) fn every(every: Duration) -> Result<Self, Failure> {
        let seconds = i64::try_from(every.as_secs()).unwrap_or(i64::MAX);
        if !(1..=366 * 86_400).contains(&seconds) {
            return Err(Failure::usage(
                "--every: give a second to a year, such as 1h or 1d",
            ));
        }
        Ok(Self {
            every: seconds,
            last: None,
        })
    }

    /// The next one: at first that which has just been, then each once.
    pub(super) fn next(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let current = now.timestamp().div_euclid(self.every);
        let next = self.last.map_or(current, |last| current.max(last + 1));
        self.last = Some(next);
        DateTime::from_timestamp(next * self.every, 0).unwrap_or(now + TimeDelta::seconds(self.every))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_ticks_are_made_up_for_once() {
        let at = |time: &str| -> DateTime<Utc> { time.parse().expect("a time") };
        let mut ticks = Ticks::every(Duration::from_secs(3_600)).expect("an hour");
        assert_eq!(ticks.next(at("2026-01-15T12:34:56Z")), at("2026-01-15T12:00:00Z"));
        assert_eq!(ticks.next(at("2026-01-15T12:35:00Z")), at("2026-01-15T13:00:00Z"));
        assert_eq!(ticks.next(at("2026-01-15T17:01:00Z")), at("2026-01-15T17:00:00Z"));
        assert_eq!(ticks.next(at("2026-01-15T17:02:00Z")), at("2026-01-15T18:00:00Z"));
        assert!(Ticks::every(Duration::ZERO).is_err());
    }
}
