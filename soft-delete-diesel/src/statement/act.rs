//! One act, ready to be bound: its values, and as text those that a database may want as text.

use soft_delete_core::{
    Action, Context, LATEST, Retention,
    chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc},
};

use crate::{DeletionId, Descriptor};

/// One act on one model: who, when, why, in which operation.
pub(crate) struct Act<'a> {
    pub(crate) action: Action,
    pub(crate) model: &'static Descriptor,
    pub(crate) operation: DeletionId,
    pub(crate) operation_text: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) time: NaiveDateTime,
    pub(crate) time_text: String,
    pub(crate) actor: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) kept_for: Option<Retention>,
    pub(crate) purge_after: Option<PurgeAfter>,
}

/// When a row that is deleted now becomes due.
pub(crate) struct PurgeAfter {
    pub(crate) at: DateTime<Utc>,
    pub(crate) time: NaiveDateTime,
    pub(crate) text: String,
}

impl PurgeAfter {
    // Never is the latest instant and not NULL, so that a later, shorter retention does not shorten it.
    fn of(deleted_at: DateTime<Utc>, kept_for: Option<Retention>, model: &Descriptor) -> Option<Self> {
        model.purge_after.as_ref()?;
        let retention = kept_for.unwrap_or_else(|| model.retention_policy());
        let at = retention.expiry(deleted_at).unwrap_or(LATEST);
        let time = at.naive_utc();
        Some(Self {
            at,
            time,
            text: time_text(&time),
        })
    }
}

impl<'a> Act<'a> {
    /// A new operation, at the moment that the context's clock shows.
    pub(crate) fn new(action: Action, model: &'static Descriptor, context: &'a Context) -> Self {
        let at = context.now();
        let time = at.naive_utc();
        let operation = DeletionId::at(at);
        Self {
            action,
            model,
            operation,
            operation_text: operation.to_string(),
            at,
            time,
            time_text: time_text(&time),
            actor: context.actor().as_str(),
            reason: context.reason(),
            kept_for: context.kept_for(),
            purge_after: PurgeAfter::of(at, context.kept_for(), model),
        }
    }

    /// The same act of the same operation on another model.
    pub(crate) fn on(&self, model: &'static Descriptor) -> Self {
        Self {
            model,
            operation_text: self.operation_text.clone(),
            time_text: self.time_text.clone(),
            purge_after: PurgeAfter::of(self.at, self.kept_for, model),
            ..*self
        }
    }
}

// `%F %T%.f`, as Diesel writes times to SQLite, so that a value that was read finds its row again. By hand, because it is
// written for every act and chrono reads its format anew each time.
pub(super) fn time_text(time: &NaiveDateTime) -> String {
    let mut text = String::with_capacity(26);
    let mut push = |number: u32, digits: u32, before: &str| {
        text.push_str(before);
        for place in (0..digits).rev() {
            text.push(char::from(b'0' + (number / 10_u32.pow(place) % 10) as u8));
        }
    };
    // The years 1 to 9999: an act at any other moment was refused, or its text is never used.
    push(time.year().unsigned_abs(), 4, "");
    push(time.month(), 2, "-");
    push(time.day(), 2, "-");
    push(time.hour(), 2, " ");
    push(time.minute(), 2, ":");
    push(time.second(), 2, ":");
    match time.nanosecond() / 1_000 % 1_000_000 {
        0 => {}
        micros if micros % 1_000 == 0 => push(micros / 1_000, 3, "."),
        micros => push(micros, 6, "."),
    }
    text
}

/// Reads a time that the engine selected as text: UTC, with or without an offset.
pub(crate) fn parse_time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    const FORMATS: [&str; 2] = ["%F %T%.f", "%FT%T%.f"];
    const ZONED: [&str; 4] = ["%F %T%.f%#z", "%FT%T%.f%#z", "%F %T%.f %#z", "%FT%T%.f %#z"];
    // What SQLite takes for an offset, so that a row is due when it is said to be.
    const FARTHEST: i32 = 14 * 3600;
    let text = text.strip_suffix(" AD").unwrap_or(text);
    let text = text.strip_suffix('Z').unwrap_or(text);
    let naive = FORMATS
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let zoned = || {
        let mut times = ZONED
            .iter()
            .filter_map(|format| DateTime::parse_from_str(text, format).ok());
        times.find(|time| time.offset().local_minus_utc().abs() <= FARTHEST)
    };
    naive
        .map(|time| time.and_utc())
        .or_else(|| zoned().map(|time| time.to_utc()))
        // A leap second is in no clock's day here.
        .filter(|time| time.timestamp_subsec_nanos() < 1_000_000_000)
        .ok_or("it is not a time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_chrono_writes_them() {
        for (seconds, micros) in [
            (0, 0),
            (1_700_000_000, 120_000),
            (-62_135_596_800, 1),
            (253_402_300_799, 999_999),
            (951_782_400, 7),
        ] {
            let time = DateTime::from_timestamp(seconds, micros * 1_000)
                .expect("in range")
                .naive_utc();
            assert_eq!(time_text(&time), time.format("%F %T%.f").to_string());
        }
    }

    #[test]
    fn times_are_read_in_every_form_a_database_gives() {
        let moment = DateTime::from_timestamp(1_700_000_000, 120_000_000);
        for text in [
            "2023-11-14 22:13:20.12",
            "2023-11-14 22:13:20.120000",
            "2023-11-14 22:13:20.120000 AD",
            "2023-11-14 22:13:20.120+00:00",
            "2023-11-14T22:13:20.12Z",
            "2023-11-15 00:13:20.12+02:00",
            "2023-11-15T00:13:20.12+02",
            "2023-11-14 14:13:20.12-0800",
            "2023-11-14 14:13:20.12 -08:00",
        ] {
            assert_eq!(parse_time(text).ok(), moment, "{text}");
        }
        for text in [
            "",
            "yesterday",
            "0044-03-15 12:00:00.000000 BC",
            "0000-00-00 00:00:00.000000",
            "infinity",
            "2023-02-30 00:00:00",
            "2023-11-14 22:13:60",
            "2023-11-14 22:13:20+23:00",
        ] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }
}
