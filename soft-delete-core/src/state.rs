//! The state of one loaded row.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{Clock, Retention, Status, SystemClock, instant::comes_to_pass};

/// The state of one row: whether it is deleted, and how long it stays.
///
/// `#[derive(SoftDelete)]` implements it. All instants are UTC. Methods without `_at` read [`SystemClock`]; those with
/// `_at` take the moment to judge from, which is what tests and reports want.
///
/// ```
/// use soft_delete_core::{Retention, SoftDelete, Status, chrono::{DateTime, TimeDelta, Utc}};
///
/// struct Note { deleted_at: Option<DateTime<Utc>> }
/// impl SoftDelete for Note {
///     fn retention() -> Retention { Retention::DEFAULT }
///     fn deleted_at(&self) -> Option<DateTime<Utc>> { self.deleted_at }
/// }
///
/// let note = Note { deleted_at: Some(DateTime::UNIX_EPOCH) };
/// let later = DateTime::UNIX_EPOCH + TimeDelta::days(29);
/// assert_eq!(note.status_at(later), Status::Deleted);
/// assert_eq!(note.days_left_at(later), Some(1));
/// assert!(note.is_expired_at(later + TimeDelta::days(1)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not soft-deletable",
    label = "the trait `soft_delete::SoftDelete` is not implemented for this type",
    note = "add `#[derive(soft_delete::SoftDelete)]` and a nullable `deleted_at` column to `{Self}`"
)]
pub trait SoftDelete {
    /// How long a deleted row of this model can be restored: what the model declares, unless it is configured otherwise
    /// at run time.
    fn retention() -> Retention
    where
        Self: Sized;

    /// When the row was deleted; `None` while it is active.
    fn deleted_at(&self) -> Option<DateTime<Utc>>;

    /// When this very row becomes due, if it was stamped with that at its deletion; [`LATEST`](crate::LATEST) means never.
    ///
    /// Only models with a `purge_after` column have it. It stands above [`retention`](SoftDelete::retention), so that
    /// another retention does not change what was promised when the row was deleted.
    fn purge_after(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// Whether the row is in the bin.
    fn is_deleted(&self) -> bool {
        self.deleted_at().is_some()
    }

    /// When the row becomes due for removal: [`purge_after`](SoftDelete::purge_after) where it is set, else
    /// `deleted_at + retention`; `None` while it is active, and when it never does.
    ///
    /// A `purge_after` that not every database can compare counts as never.
    fn expires_at(&self) -> Option<DateTime<Utc>>
    where
        Self: Sized,
    {
        let deleted_at = self.deleted_at()?;
        match self.purge_after() {
            Some(stamped) => Some(stamped).filter(|at| comes_to_pass(*at)),
            None => Self::retention().expiry(deleted_at),
        }
    }

    /// Whether the row is due for removal now.
    fn is_expired(&self) -> bool
    where
        Self: Sized,
    {
        self.is_expired_at(SystemClock.now())
    }

    /// Whether the row is due for removal at the given instant: `now >= expires_at`.
    fn is_expired_at(&self, now: DateTime<Utc>) -> bool
    where
        Self: Sized,
    {
        self.expires_at().is_some_and(|expiry| now >= expiry)
    }

    /// How long the row can still be restored; zero once it is expired, `None` when it is active or never expires.
    fn time_left(&self) -> Option<TimeDelta>
    where
        Self: Sized,
    {
        self.time_left_at(SystemClock.now())
    }

    /// How long the row can still be restored at the given instant.
    fn time_left_at(&self, now: DateTime<Utc>) -> Option<TimeDelta>
    where
        Self: Sized,
    {
        Some(
            self.expires_at()?
                .signed_duration_since(now)
                .max(TimeDelta::zero()),
        )
    }

    /// Days left to restore the row, begun days counted whole: 30 right after a deletion, 1 on the last day, 0 once
    /// it is expired; `None` when it is active or never expires.
    fn days_left(&self) -> Option<i64>
    where
        Self: Sized,
    {
        self.days_left_at(SystemClock.now())
    }

    /// Days left at the given instant, begun days counted whole.
    fn days_left_at(&self, now: DateTime<Utc>) -> Option<i64>
    where
        Self: Sized,
    {
        self.time_left_at(now).map(begun_days)
    }

    /// The state of the row now, in one word.
    fn status(&self) -> Status
    where
        Self: Sized,
    {
        self.status_at(SystemClock.now())
    }

    /// The state of the row at the given instant.
    fn status_at(&self, now: DateTime<Utc>) -> Status
    where
        Self: Sized,
    {
        match (self.is_deleted(), self.is_expired_at(now)) {
            (false, _) => Status::Active,
            (true, false) => Status::Deleted,
            (true, true) => Status::Expired,
        }
    }
}

/// Days of a span of time, a begun one counted whole.
///
/// ```
/// use soft_delete_core::{begun_days, chrono::TimeDelta};
/// assert_eq!((begun_days(TimeDelta::hours(24)), begun_days(TimeDelta::hours(25))), (1, 2));
/// ```
pub fn begun_days(time: TimeDelta) -> i64 {
    let whole = time.num_days();
    if time > TimeDelta::days(whole) {
        whole + 1
    } else {
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EARLIEST, LATEST};

    struct Row(Option<DateTime<Utc>>);

    impl SoftDelete for Row {
        fn retention() -> Retention {
            Retention::DEFAULT
        }
        fn deleted_at(&self) -> Option<DateTime<Utc>> {
            self.0
        }
    }

    #[test]
    fn one_microsecond_on_either_side_of_expiry() {
        let row = Row(Some(DateTime::UNIX_EPOCH));
        let expiry = DateTime::UNIX_EPOCH + TimeDelta::days(30);
        let before = expiry - TimeDelta::microseconds(1);
        assert_eq!(row.expires_at(), Some(expiry));
        assert_eq!(
            (row.status_at(before), row.days_left_at(before)),
            (Status::Deleted, Some(1))
        );
        assert_eq!(
            (row.status_at(expiry), row.days_left_at(expiry)),
            (Status::Expired, Some(0))
        );
        assert_eq!(row.days_left_at(DateTime::UNIX_EPOCH), Some(30));
        assert_eq!(
            row.time_left_at(DateTime::<Utc>::MAX_UTC),
            Some(TimeDelta::zero())
        );
    }

    #[test]
    fn an_active_row_has_no_expiry() {
        let row = Row(None);
        assert_eq!(
            (row.expires_at(), row.time_left(), row.days_left()),
            (None, None, None)
        );
        assert_eq!(row.status(), Status::Active);
    }

    struct Stamped {
        deleted_at: Option<DateTime<Utc>>,
        purge_after: Option<DateTime<Utc>>,
    }

    impl SoftDelete for Stamped {
        fn retention() -> Retention {
            Retention::DEFAULT
        }
        fn deleted_at(&self) -> Option<DateTime<Utc>> {
            self.deleted_at
        }
        fn purge_after(&self) -> Option<DateTime<Utc>> {
            self.purge_after
        }
    }

    #[test]
    fn what_a_row_was_stamped_with_stands_above_the_retention() {
        let deleted_at = Some(DateTime::UNIX_EPOCH);
        let day_90 = DateTime::UNIX_EPOCH + TimeDelta::days(90);
        for (deleted_at, purge_after, expires_at) in [
            (deleted_at, Some(day_90), Some(day_90)),
            (deleted_at, None, Retention::DEFAULT.expiry(DateTime::UNIX_EPOCH)),
            (deleted_at, Some(EARLIEST), Some(EARLIEST)),
            (deleted_at, Some(LATEST), None),
            (deleted_at, Some(DateTime::<Utc>::MAX_UTC), None),
            (deleted_at, Some(DateTime::<Utc>::MIN_UTC), None),
            (None, Some(day_90), None),
        ] {
            let row = Stamped {
                deleted_at,
                purge_after,
            };
            assert_eq!(row.expires_at(), expires_at, "{deleted_at:?} {purge_after:?}");
        }
        let forever = Stamped {
            deleted_at,
            purge_after: Some(LATEST),
        };
        assert!(!forever.is_expired_at(LATEST) && forever.days_left_at(day_90).is_none());
    }

    #[test]
    fn rows_deleted_at_the_ends_of_time_never_expire() {
        for end in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let row = Row(Some(end));
            assert_eq!(row.status(), Status::Deleted);
            assert_eq!(row.days_left_at(DateTime::<Utc>::MIN_UTC), None);
        }
    }
}
