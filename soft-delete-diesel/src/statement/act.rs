//! One act, ready to be bound: every value as text.

use soft_delete_core::{
    Action, Context,
    chrono::{DateTime, NaiveDateTime, Utc},
};

use crate::{DeletionId, Descriptor};

/// One act on one model: who, when, why, in which operation.
pub(crate) struct Act<'a> {
    pub(crate) action: Action,
    pub(crate) model: &'a Descriptor,
    pub(crate) operation: DeletionId,
    pub(crate) operation_text: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) at_text: String,
    pub(crate) actor: &'a str,
    pub(crate) reason: Option<&'a str>,
}

impl<'a> Act<'a> {
    /// A new operation, at the moment that the context's clock shows.
    pub(crate) fn new(action: Action, model: &'a Descriptor, context: &'a Context) -> Self {
        let at = context.now();
        let operation = DeletionId::at(at);
        Self {
            action,
            model,
            operation,
            operation_text: operation.to_string(),
            at,
            // As Diesel writes times to SQLite, so that a value that was read finds its row again.
            at_text: at.naive_utc().format("%F %T%.f").to_string(),
            actor: context.actor().as_str(),
            reason: context.reason(),
        }
    }
}

/// Reads a time that the engine selected as text: UTC, with or without an offset.
pub(crate) fn parse_time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    const FORMATS: [&str; 2] = ["%F %T%.f", "%FT%T%.f"];
    const ZONED: [&str; 3] = ["%F %T%.f%:z", "%FT%T%.f%:z", "%FT%T%.f%#z"];
    let text = text.strip_suffix(" AD").unwrap_or(text);
    let text = text.strip_suffix('Z').unwrap_or(text);
    let naive = FORMATS
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let zoned = || {
        ZONED
            .iter()
            .find_map(|format| DateTime::parse_from_str(text, format).ok())
    };
    naive
        .map(|time| time.and_utc())
        .or_else(|| zoned().map(|time| time.to_utc()))
        .ok_or("it is not a time")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(parse_time(text).ok(), moment, "{text}");
        }
        for text in [
            "",
            "yesterday",
            "0044-03-15 12:00:00.000000 BC",
            "0000-00-00 00:00:00.000000",
            "infinity",
        ] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }
}
