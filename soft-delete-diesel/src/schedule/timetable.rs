//! When a scheduler runs, for whoever wants to tell.

use soft_delete_core::chrono::{DateTime, Utc};

use super::moments::Moments;

/// The moments of a [`Scheduler`](super::Scheduler), apart from it: a page can tell when the next cleanup comes.
#[derive(Debug, Clone)]
pub struct Timetable(Moments);

impl Timetable {
    pub(super) fn of(moments: &Moments) -> Self {
        Self(moments.clone())
    }

    /// The first moment after this one, in UTC; `None` if none is left. A turn begins up to a second later.
    ///
    /// ```
    /// use std::time::Duration;
    /// use soft_delete_core::chrono::{DateTime, Utc};
    /// use soft_delete_diesel::{Registry, Scheduler};
    /// let hourly = Scheduler::every(&Registry::new(), Duration::from_secs(3_600))?.timetable();
    /// let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    /// assert_eq!(hourly.after(time("2026-01-15T12:30:00Z")), Some(time("2026-01-15T13:00:00Z")));
    /// assert_eq!(hourly.after(time("2026-01-15T13:00:00Z")), Some(time("2026-01-15T14:00:00Z")));
    /// # Ok::<(), soft_delete_diesel::Error>(())
    /// ```
    pub fn after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.after(moment)
    }
}
