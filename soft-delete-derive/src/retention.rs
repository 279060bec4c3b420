//! Reading `retention = "30 days"` while compiling.

use crate::suggest::did_you_mean;

/// A retention as the attribute says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Retention {
    Forever,
    Immediate,
    Seconds(i64),
}

const UNITS: [(&[&str], i64); 5] = [
    (&["seconds", "second", "sec", "s"], 1),
    (&["minutes", "minute", "min", "m"], 60),
    (&["hours", "hour", "h"], 3_600),
    (&["days", "day", "d"], 86_400),
    (&["weeks", "week", "w"], 604_800),
];

const HELP: &str = "write a whole number and a unit, such as \"30 days\", \"12 hours\" or \"2 weeks\", or \"forever\" or \"immediate\"";

/// Reads the text of the attribute; the error says what to write instead.
pub(crate) fn parse(text: &str) -> Result<Retention, String> {
    let trimmed = text.trim().to_ascii_lowercase();
    match trimmed.as_str() {
        "forever" => return Ok(Retention::Forever),
        "immediate" => return Ok(Retention::Immediate),
        _ => {}
    }
    let unreadable = |hint: &str| format!("cannot read the retention {text:?}{hint}; {HELP}");
    let split = trimmed
        .find(|c: char| !c.is_ascii_digit() && c != '-')
        .ok_or_else(|| unreadable(""))?;
    let (number, unit) = (&trimmed[..split], trimmed[split..].trim());
    let names: Vec<&str> = UNITS.iter().map(|(names, _)| names[0]).collect();
    let (_, seconds) = UNITS
        .iter()
        .find(|(names, _)| names.contains(&unit))
        .ok_or_else(|| unreadable(&did_you_mean(unit, &names)))?;
    let too_long = || format!("a retention of {text:?} is too long; write \"forever\"");
    let digits = number.strip_prefix('-').unwrap_or(number);
    let count: i64 = match number.parse() {
        Ok(count) => count,
        Err(_) if digits.is_empty() || digits.contains('-') => return Err(unreadable("")),
        Err(_) => return Err(too_long()),
    };
    if count <= 0 {
        return Err("a retention must be longer than zero; write \"immediate\" for rows that expire at once, or \"forever\"".into());
    }
    // The longest duration that the library can hold is i64::MAX milliseconds.
    count
        .checked_mul(*seconds)
        .filter(|total| *total <= i64::MAX / 1_000)
        .map(Retention::Seconds)
        .ok_or_else(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read() {
        for (text, meaning) in [
            ("30 days", Retention::Seconds(30 * 86_400)),
            ("12h", Retention::Seconds(12 * 3_600)),
            (" 2 Weeks ", Retention::Seconds(14 * 86_400)),
            ("9223372036854775 s", Retention::Seconds(i64::MAX / 1_000)),
            ("forever", Retention::Forever),
            ("immediate", Retention::Immediate),
        ] {
            assert_eq!(parse(text), Ok(meaning), "{text:?}");
        }
    }

    #[test]
    fn what_is_refused_and_why() {
        for (text, part) in [
            ("0 days", "longer than zero"),
            ("-1 days", "longer than zero"),
            ("9223372036854775807 days", "too long"),
            ("99999999999999999999999999999999999999999 days", "too long"),
            ("9223372036854776 s", "too long"),
            ("30 dayz", "did you mean `days`?"),
            ("days", "cannot read"),
            ("--3 days", "cannot read"),
            ("3-3 days", "cannot read"),
            ("30", "write a whole number and a unit"),
            ("", "write a whole number and a unit"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
