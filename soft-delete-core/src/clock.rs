//! The only place that reads time.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Where an operation takes the present moment from.
///
/// The library asks a clock once for each operation; nothing else reads time. Give your own to
/// [`Context::clock`](crate::Context::clock) to test retention without waiting.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a clock",
    note = "use `soft_delete::SystemClock`, or `soft_delete::FixedClock` in tests"
)]
pub trait Clock: Send + Sync {
    /// The present moment in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until it is moved; its copies share one hand.
///
/// ```
/// use soft_delete_core::{Clock, FixedClock, chrono::{DateTime, TimeDelta}};
/// let clock = FixedClock::at(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
/// let same = clock.clone();
/// clock.advance(TimeDelta::days(31));
/// assert_eq!(same.now().timestamp(), 1_700_000_000 + 31 * 86_400);
/// ```
#[derive(Debug, Clone)]
pub struct FixedClock(Arc<Mutex<DateTime<Utc>>>);

impl FixedClock {
    /// A clock that shows the given instant.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(instant)))
    }

    /// Moves the hand to the given instant, forward or back.
    pub fn set(&self, instant: DateTime<Utc>) {
        *self.hand() = instant;
    }

    /// Moves the hand by a duration (a negative one moves it back); it stops at the ends of chrono's range.
    pub fn advance(&self, by: TimeDelta) {
        let mut hand = self.hand();
        let end = if by < TimeDelta::zero() {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        };
        *hand = hand.checked_add_signed(by).unwrap_or(end);
    }

    // A poisoned lock still holds a valid instant: writing one cannot be interrupted half way.
    fn hand(&self) -> std::sync::MutexGuard<'_, DateTime<Utc>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.hand()
    }
}

/// How long something takes, whatever the clocks show: for reports and limits, never for what is expired.
///
/// ```
/// let watch = soft_delete_core::Stopwatch::start();
/// assert!(watch.elapsed() >= std::time::Duration::ZERO);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts one.
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// How long it has been running.
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_both_ways_and_stops_at_the_ends() {
        let clock = FixedClock::at(DateTime::UNIX_EPOCH);
        clock.advance(TimeDelta::seconds(-1));
        assert_eq!(clock.now().timestamp(), -1);
        clock.advance(TimeDelta::MAX);
        assert_eq!(clock.now(), DateTime::<Utc>::MAX_UTC);
        clock.advance(TimeDelta::MIN);
        clock.advance(TimeDelta::MIN);
        assert_eq!(clock.now(), DateTime::<Utc>::MIN_UTC);
    }
}
