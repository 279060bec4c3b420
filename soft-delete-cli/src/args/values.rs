//! Values that several commands understand.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

/// A span of time: 30s, 15m, 1h, 1d.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 0,
    };
    let number: Option<u64> = number.parse().ok().filter(|number| *number > 0 && seconds > 0);
    let span = number.and_then(|number| number.checked_mul(seconds));
    span.map(Duration::from_secs)
        .ok_or_else(|| "give a time like 30s, 15m, 1h or 1d".to_owned())
}

/// A pause of milliseconds: 50, 50ms, 1s.
pub(super) fn pause(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix("ms").unwrap_or(text);
    match number.parse() {
        Ok(milliseconds) => Ok(Duration::from_millis(milliseconds)),
        Err(_) => span(text).map_err(|_| "give a time like 50ms or 1s".to_owned()),
    }
}

/// A number of days: 7, 7d.
pub(super) fn days(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('d').unwrap_or(text);
    number
        .parse()
        .map_err(|_| "give a number of days, like 7d".to_owned())
}

/// A day, which is its beginning in UTC, or a time.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    text.parse()
        .map_err(|_| "give a day like 2026-12-31, or a time like 2026-12-31T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_numbers_with_a_unit() {
        assert_eq!(span("15m"), Ok(Duration::from_secs(900)));
        for text in ["", "m", "0s", "1 week", "5", "1h30m", "999999999999999999999d"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pauses_and_days_have_a_unit_of_their_own() {
        for (text, milliseconds) in [("50", 50), ("0", 0), ("50ms", 50), ("2s", 2_000)] {
            assert_eq!(pause(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        assert_eq!((days("7"), days("7d")), (Ok(7), Ok(7)));
        for text in ["", "ms", "d", "-1", "1 week"] {
            assert!(pause(text).is_err() && days(text).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_are_days_or_times() {
        let noon = "2026-12-31T12:00:00Z";
        assert_eq!(
            instant(noon).map(|time| time.to_rfc3339()),
            Ok("2026-12-31T12:00:00+00:00".into())
        );
        assert_eq!(
            instant("2026-12-31").map(|time| time.to_rfc3339()),
            Ok("2026-12-31T00:00:00+00:00".into())
        );
        assert!(instant("tomorrow").is_err());
    }
}
