//! The range and the precision of time that every supported database can store.

use chrono::{DateTime, SubsecRound, Utc};

/// The earliest instant that counts as readable: `0001-01-01T00:00:00Z`.
///
/// Databases hold stranger values (`-infinity`, `0000-00-00`, years before Christ); a row that carries one is never
/// taken for expired, so it is never removed because of it.
pub const EARLIEST: DateTime<Utc> = match DateTime::from_timestamp(-62_135_596_800, 0) {
    Some(instant) => instant,
    None => DateTime::<Utc>::MIN_UTC,
};

/// The latest instant that counts as readable: `9999-12-31T23:59:59.999999Z`.
///
/// Beyond it SQLite's text form (`+10000-01-01`) sorts before every other date, so nothing is compared there. As the
/// `purge_after` of a row it means never: such a row does not expire even when a clock shows this very instant.
pub const LATEST: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 999_999_000) {
    Some(instant) => instant,
    None => DateTime::<Utc>::MAX_UTC,
};

/// The instant cut (not rounded) to whole microseconds, the precision that all databases share.
///
/// ```
/// use soft_delete_core::{chrono::DateTime, to_micros};
/// let exact = DateTime::from_timestamp(1, 999_999_999).unwrap();
/// assert_eq!(to_micros(exact).timestamp_subsec_nanos(), 999_999_000);
/// ```
pub fn to_micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.trunc_subsecs(6)
}

/// Whether an instant lies in the range that Rust and every database read alike.
pub(crate) fn is_readable(instant: DateTime<Utc>) -> bool {
    (EARLIEST..=LATEST).contains(&instant)
}

/// Whether a row that is stamped to become due at this instant ever does.
pub(crate) fn comes_to_pass(purge_after: DateTime<Utc>) -> bool {
    is_readable(purge_after) && purge_after < LATEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_what_their_documentation_says() {
        assert_eq!(EARLIEST.to_rfc3339(), "0001-01-01T00:00:00+00:00");
        assert_eq!(LATEST.to_rfc3339(), "9999-12-31T23:59:59.999999+00:00");
    }

    #[test]
    fn extremes_are_unreadable_not_a_panic() {
        assert!(!is_readable(DateTime::<Utc>::MIN_UTC));
        assert!(!is_readable(DateTime::<Utc>::MAX_UTC));
        assert!(is_readable(EARLIEST) && is_readable(LATEST));
        assert_eq!(to_micros(DateTime::<Utc>::MIN_UTC), DateTime::<Utc>::MIN_UTC);
        assert!(to_micros(DateTime::<Utc>::MAX_UTC) <= DateTime::<Utc>::MAX_UTC);
    }
}
