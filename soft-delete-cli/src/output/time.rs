//! Times for people.

use chrono::{DateTime, Utc};

/// The time to the second, in UTC, of a text that is a time as JSON has it.
pub(super) fn of_json(text: &str) -> Option<String> {
    // As long as the shortest, and with the letter where it has to be.
    let is_one = text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T');
    let time = is_one.then(|| text.parse::<DateTime<Utc>>().ok()).flatten()?;
    Some(time.format("%Y-%m-%d %H:%M:%S").to_string())
}
