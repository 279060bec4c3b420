//! How long a deleted row can be restored.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};

use crate::instant::is_readable;

/// How long a deleted row stays restorable before it is expired.
///
/// A retention is never zero by accident: [`Retention::days(0)`](Retention::days) is an error, and a row that should
/// expire at once says [`Retention::Immediate`].
///
/// ```
/// use soft_delete_core::Retention;
/// assert_eq!("30 days".parse(), Retention::days(30));
/// assert_eq!("forever".parse(), Ok(Retention::Forever));
/// assert!(Retention::days(0).is_err());
/// assert_eq!(Retention::default().to_string(), "30 days");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retention {
    /// Deleted rows never expire.
    Forever,
    /// Deleted rows are expired as soon as they are deleted.
    Immediate,
    /// Deleted rows expire when this much time has passed. Made by [`Retention::days`] and [`Retention::lasting`],
    /// which refuse what is not positive; a value that is not positive counts as [`Retention::Forever`].
    For(TimeDelta),
}

/// Why a text or a number is not a retention.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetentionError {
    /// Zero or less.
    #[error(
        "a retention must be longer than zero: use `Retention::Immediate` (`\"immediate\"`) for rows that expire at once, or `Retention::Forever` (`\"forever\"`)"
    )]
    NotPositive,
    /// More than a duration can hold.
    #[error("a retention of {0} is too long: use `Retention::Forever` (`\"forever\"`)")]
    TooLong(String),
    /// Not of the form `30 days`.
    #[error(
        "cannot read the retention {0:?}: write a whole number and a unit (`\"30 days\"`, `\"12 h\"`, `\"90 min\"`, `\"2 weeks\"`), `\"forever\"` or `\"immediate\"`"
    )]
    Unreadable(String),
}

impl Retention {
    /// The retention of models that do not say otherwise: 30 days.
    pub const DEFAULT: Self = Self::For(TimeDelta::days(30));

    /// A retention of whole days.
    ///
    /// # Errors
    /// [`RetentionError::NotPositive`] for zero or less, [`RetentionError::TooLong`] beyond what a duration can hold.
    pub fn days(days: i64) -> Result<Self, RetentionError> {
        Self::of(days, "days", TimeDelta::try_days(days))
    }

    /// A retention of any positive length.
    ///
    /// # Errors
    /// [`RetentionError::NotPositive`] for zero or less.
    pub fn lasting(length: TimeDelta) -> Result<Self, RetentionError> {
        if length <= TimeDelta::zero() {
            Err(RetentionError::NotPositive)
        } else {
            Ok(Self::For(length))
        }
    }

    fn of(count: i64, unit: &str, length: Option<TimeDelta>) -> Result<Self, RetentionError> {
        if count <= 0 {
            return Err(RetentionError::NotPositive);
        }
        Self::lasting(length.ok_or_else(|| RetentionError::TooLong(format!("{count} {unit}")))?)
    }

    /// When a row deleted at this instant expires; `None` means never (forever, or beyond year 9999).
    pub fn expiry(self, deleted_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let expiry = match self {
            Self::Forever => None,
            Self::Immediate => Some(deleted_at),
            Self::For(length) if length <= TimeDelta::zero() => None,
            Self::For(length) => deleted_at.checked_add_signed(length),
        };
        expiry.filter(|at| is_readable(deleted_at) && is_readable(*at))
    }

    /// The latest `deleted_at` that is expired at this instant; `None` means that no row is.
    ///
    /// A row is expired when `now >= expires_at`, that is when `deleted_at <= cutoff(now)`.
    pub fn cutoff(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let cutoff = match self {
            Self::Forever => None,
            Self::Immediate => Some(now),
            Self::For(length) if length <= TimeDelta::zero() => None,
            Self::For(length) => now.checked_sub_signed(length),
        };
        cutoff.filter(|at| is_readable(now) && is_readable(*at))
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self::DEFAULT
    }
}

const UNITS: [(&str, &[&str], i64); 5] = [
    ("weeks", &["w", "week", "weeks"], 604_800),
    ("days", &["d", "day", "days"], 86_400),
    ("hours", &["h", "hour", "hours"], 3_600),
    ("minutes", &["m", "min", "minute", "minutes"], 60),
    ("seconds", &["s", "sec", "second", "seconds"], 1),
];

impl FromStr for Retention {
    type Err = RetentionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = || RetentionError::Unreadable(text.to_owned());
        let trimmed = text.trim();
        match trimmed.to_ascii_lowercase().as_str() {
            "forever" => return Ok(Self::Forever),
            "immediate" => return Ok(Self::Immediate),
            _ => {}
        }
        let split = trimmed
            .find(|c: char| !c.is_ascii_digit() && c != '-')
            .ok_or_else(unreadable)?;
        let (number, unit) = trimmed.split_at(split);
        let unit = unit.trim().to_ascii_lowercase();
        let (_, _, seconds) = UNITS
            .iter()
            .find(|(_, names, _)| names.contains(&unit.as_str()))
            .ok_or_else(unreadable)?;
        let count: i64 = number
            .parse()
            .map_err(|_| match number.strip_prefix('-').unwrap_or(number) {
                digits if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                    RetentionError::TooLong(trimmed.to_owned())
                }
                _ => unreadable(),
            })?;
        Self::of(
            count,
            &unit,
            count.checked_mul(*seconds).and_then(TimeDelta::try_seconds),
        )
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = match self {
            Self::Forever => return f.write_str("forever"),
            Self::Immediate => return f.write_str("immediate"),
            Self::For(length) => length,
        };
        let seconds = length.num_seconds();
        if length.subsec_nanos() != 0 {
            return write!(f, "{length}");
        }
        // Weeks are read but not written: "30 days" and "14 days" compare at a glance, "2 weeks" does not.
        let (unit, _, size) = UNITS[1..]
            .iter()
            .find(|(_, _, size)| seconds % size == 0)
            .unwrap_or(&UNITS[UNITS.len() - 1]);
        let count = seconds / size;
        write!(
            f,
            "{count} {}",
            if count == 1 { &unit[..unit.len() - 1] } else { unit }
        )
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Retention {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Retention {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_what_they_mean() {
        let hours = |h| Retention::lasting(TimeDelta::hours(h));
        for (text, meaning) in [
            ("30 days", Retention::days(30)),
            ("30d", Retention::days(30)),
            (" 1 Day ", Retention::days(1)),
            ("2 weeks", Retention::days(14)),
            ("12 h", hours(12)),
            ("120 min", hours(2)),
            ("7200 s", hours(2)),
            ("forever", Ok(Retention::Forever)),
            ("Immediate", Ok(Retention::Immediate)),
            ("0 days", Err(RetentionError::NotPositive)),
            ("-3 days", Err(RetentionError::NotPositive)),
            (
                "9223372036854775807 days",
                Err(RetentionError::TooLong("9223372036854775807 days".into())),
            ),
            (
                "99999999999999999999 s",
                Err(RetentionError::TooLong("99999999999999999999 s".into())),
            ),
        ] {
            assert_eq!(text.parse(), meaning, "{text:?}");
        }
        for text in [
            "",
            "30",
            "days",
            "30 fortnights",
            "3 0 days",
            "1.5 days",
            "--3 days",
            "- days",
            "30 dayz",
        ] {
            assert_eq!(
                text.parse::<Retention>(),
                Err(RetentionError::Unreadable(text.into())),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_is_displayed_is_read_back() {
        for text in [
            "30 days",
            "1 day",
            "12 hours",
            "90 minutes",
            "1 second",
            "forever",
            "immediate",
        ] {
            assert_eq!(
                text.parse::<Retention>().map(|r| r.to_string()).as_deref(),
                Ok(text)
            );
        }
    }

    #[test]
    fn extremes_never_panic_and_never_expire() {
        assert_eq!(
            Retention::days(i64::MAX),
            Err(RetentionError::TooLong(format!("{} days", i64::MAX)))
        );
        assert_eq!(Retention::days(i64::MIN), Err(RetentionError::NotPositive));
        assert_eq!(
            Retention::lasting(TimeDelta::MIN),
            Err(RetentionError::NotPositive)
        );
        let longest = Retention::lasting(TimeDelta::MAX).expect("positive");
        for retention in [
            longest,
            Retention::Forever,
            Retention::For(TimeDelta::MIN),
            Retention::For(TimeDelta::zero()),
        ] {
            for instant in [
                DateTime::<Utc>::MIN_UTC,
                DateTime::UNIX_EPOCH,
                DateTime::<Utc>::MAX_UTC,
            ] {
                assert_eq!(retention.expiry(instant), None);
                assert_eq!(retention.cutoff(instant), None);
            }
        }
        for retention in [Retention::Immediate, Retention::DEFAULT] {
            assert_eq!(retention.expiry(DateTime::<Utc>::MAX_UTC), None);
            assert_eq!(retention.cutoff(DateTime::<Utc>::MIN_UTC), None);
        }
    }

    #[test]
    fn cutoff_and_expiry_draw_the_same_line() {
        let deleted_at = DateTime::UNIX_EPOCH;
        for retention in [Retention::Immediate, Retention::DEFAULT] {
            let expiry = retention.expiry(deleted_at).expect("in range");
            for (now, expired) in [(expiry, true), (expiry - TimeDelta::microseconds(1), false)] {
                assert_eq!(
                    retention.cutoff(now).is_some_and(|cutoff| deleted_at <= cutoff),
                    expired
                );
            }
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serde_writes_and_reads_the_text() {
        let json = serde_json::to_string(&Retention::DEFAULT).expect("a text");
        assert_eq!(json, "\"30 days\"");
        assert_eq!(
            serde_json::from_str::<Retention>(&json).expect("a retention"),
            Retention::DEFAULT
        );
        assert!(serde_json::from_str::<Retention>("\"0 days\"").is_err());
    }
}
