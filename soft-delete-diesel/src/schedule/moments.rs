//! When cleanups are due: at the same moments for every process that is told the same.

use std::time::Duration;

use soft_delete_core::chrono::{DateTime, TimeDelta, Utc};

use crate::{Error, Result};

/// The clocks of two machines may be so far apart, and still mean the same turn.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// A moment at which a cleanup is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) at: DateTime<Utc>,
    /// A cleanup that began then or later is this turn's, whoever ran it.
    pub(crate) known_from: DateTime<Utc>,
}

/// The moments of a schedule.
#[derive(Debug, Clone)]
pub(super) enum Moments {
    /// At a regular distance, counted from 1970.
    Every(i64),
    #[cfg(feature = "cron")]
    Cron {
        pattern: Box<croner::Cron>,
        zone: jiff::tz::TimeZone,
    },
}

impl Moments {
    pub(super) fn every(time: Duration) -> Result<Self> {
        const YEAR: i64 = 366 * 86_400;
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        if !(1..=YEAR).contains(&seconds) || time.subsec_nanos() > 0 {
            return Err(Error::BadSetting {
                setting: "every",
                value: format!("{time:?}"),
                way_out: "give whole seconds, from one to a year",
            });
        }
        Ok(Self::Every(seconds))
    }

    #[cfg(feature = "cron")]
    pub(super) fn cron(pattern: &str, zone: &str) -> Result<Self> {
        let bad = |setting, value: &str, way_out| Error::BadSetting {
            setting,
            value: value.to_owned(),
            way_out,
        };
        let parsed: croner::Cron = pattern.parse().map_err(|_| {
            bad(
                "cron",
                pattern,
                "give minute, hour, day of the month, month and day of the week, such as \"15 3 * * *\"",
            )
        })?;
        let zone = jiff::tz::TimeZone::get(zone).map_err(|_| {
            bad(
                "time_zone",
                zone,
                "give a name of the IANA database, such as Europe/Berlin",
            )
        })?;
        let moments = Self::Cron {
            pattern: Box::new(parsed),
            zone,
        };
        // The thirtieth of February never comes.
        if moments.after(DateTime::UNIX_EPOCH).is_none() {
            return Err(bad("cron", pattern, "it names no day that ever comes"));
        }
        Ok(moments)
    }

    /// The turn to begin with. At a regular distance it is that which has just been, so that a process that is started often
    /// misses none; a time of day is waited for.
    pub(super) fn first(&self, now: DateTime<Utc>) -> Turn {
        match self {
            Self::Every(seconds) => {
                let begun = now.timestamp().div_euclid(*seconds);
                self.turn(DateTime::from_timestamp(begun * seconds, 0).unwrap_or(now))
            }
            #[cfg(feature = "cron")]
            Self::Cron { .. } => self.next(now, now),
        }
    }

    /// The turn after that one; of several that were missed, only the last.
    pub(super) fn next(&self, last: DateTime<Utc>, now: DateTime<Utc>) -> Turn {
        // Where no moment is left, in the last year that chrono knows, nothing is due.
        let end = DateTime::<Utc>::MAX_UTC;
        let at = match self {
            Self::Every(_) => self.first(now).at.max(self.after(last).unwrap_or(end)),
            #[cfg(feature = "cron")]
            Self::Cron { .. } => {
                let mut at = self.after(last).unwrap_or(end);
                while let Some(later) = self.after(at).filter(|later| *later <= now) {
                    at = later;
                }
                at
            }
        };
        self.turn(at)
    }

    /// The first moment after this one.
    pub(super) fn after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Every(seconds) => {
                let next = moment.timestamp().div_euclid(*seconds) + 1;
                DateTime::from_timestamp(next.checked_mul(*seconds)?, 0)
            }
            #[cfg(feature = "cron")]
            Self::Cron { pattern, zone } => {
                let second = jiff::Timestamp::from_second(moment.timestamp()).ok()?;
                let next = pattern.find_next_occurrence(&second.to_zoned(zone.clone()), false);
                DateTime::from_timestamp(next.ok()?.timestamp().as_second(), 0)
            }
        }
    }

    fn turn(&self, at: DateTime<Utc>) -> Turn {
        let distance = self.after(at).map_or(SKEW, |next| next - at);
        Turn {
            at,
            known_from: at.checked_sub_signed(SKEW.min(distance / 4)).unwrap_or(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().expect("a time")
    }

    #[test]
    fn turns_that_were_missed_are_made_up_for_once() {
        let moments = Moments::every(Duration::from_secs(3_600)).expect("an hour");
        let first = moments.first(at("2026-01-15T12:34:56Z"));
        assert_eq!(
            (first.at, first.known_from),
            (at("2026-01-15T12:00:00Z"), at("2026-01-15T11:59:00Z"))
        );
        let next = moments.next(first.at, at("2026-01-15T12:35:00Z")).at;
        assert_eq!(next, at("2026-01-15T13:00:00Z"));
        let next = moments.next(next, at("2026-01-15T17:01:00Z")).at;
        assert_eq!(next, at("2026-01-15T17:00:00Z"));
        assert_eq!(
            moments.next(next, at("2026-01-15T17:01:00Z")).at,
            at("2026-01-15T18:00:00Z")
        );
        // A clock that was set back does not bring a turn again.
        assert_eq!(
            moments.next(next, at("2026-01-15T12:00:00Z")).at,
            at("2026-01-15T18:00:00Z")
        );
        for bad in [0, 400 * 86_400] {
            assert!(Moments::every(Duration::from_secs(bad)).is_err());
        }
        assert!(Moments::every(Duration::from_millis(1_500)).is_err());
    }

    #[cfg(feature = "cron")]
    #[test]
    fn a_time_of_day_is_that_of_its_zone() {
        let moments = Moments::cron("30 2 * * *", "Europe/Berlin").expect("a schedule");
        let first = moments.first(at("2026-03-27T12:00:00Z")).at;
        assert_eq!(first, at("2026-03-28T01:30:00Z"));
        // The night in which half past two does not exist, and the one in which it comes twice: one turn each.
        let in_march = moments.next(first, at("2026-03-28T02:00:00Z")).at;
        assert_eq!(in_march.date_naive(), at("2026-03-29T00:00:00Z").date_naive());
        assert_eq!(moments.next(in_march, in_march).at, at("2026-03-30T00:30:00Z"));
        let in_october = moments.first(at("2026-10-24T12:00:00Z")).at;
        assert_eq!(in_october.date_naive(), at("2026-10-25T00:00:00Z").date_naive());
        assert_eq!(
            moments.next(in_october, in_october).at,
            at("2026-10-26T01:30:00Z")
        );
        // Three nights were missed.
        assert_eq!(
            moments.next(first, at("2026-04-01T12:00:00Z")).at,
            at("2026-04-01T00:30:00Z")
        );
    }

    #[cfg(feature = "cron")]
    #[test]
    fn what_is_no_schedule_is_refused() {
        for (pattern, zone) in [
            ("", "UTC"),
            ("* * *", "UTC"),
            ("61 3 * * *", "UTC"),
            ("0 0 30 2 *", "UTC"),
            ("15 3 * * *", "Europe/Atlantis"),
        ] {
            let error = Moments::cron(pattern, zone).expect_err(pattern);
            assert!(error.is_bad_input(), "{error}");
        }
    }
}
