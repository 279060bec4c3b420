//! How much was done on each day.

use diesel::connection::LoadConnection;
use soft_delete_core::{
    Action,
    chrono::{DateTime, NaiveDate, Utc},
};

use crate::{
    Dialect, Result, engine,
    executor::{Blocking, run},
    statement::{TextRow, readable},
};

/// How many rows of all models one act reached on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct DayActivity {
    /// The day in UTC.
    pub day: NaiveDate,
    /// What was done.
    pub action: Action,
    /// To so many rows.
    pub rows: u64,
}

impl DayActivity {
    /// Reads a row of the `Activity` statement.
    pub(crate) fn read(mut row: TextRow) -> Result<Self> {
        const TABLE: &str = "soft_delete_audit";
        let mut field = |index| row.take(index).unwrap_or_default();
        let (day, action, rows) = (field(0), field(1), field(2));
        Ok(Self {
            day: readable(TABLE, "at", day, str::parse)?,
            action: readable(TABLE, "action", action, str::parse)?,
            rows: readable(TABLE, "id", rows, str::parse)?,
        })
    }
}

/// How many rows were deleted, restored and removed on each day since this instant, by the audit trail: one statement, which reads the
/// audit rows of that time by the index on operations, whose identities sort by time. Days on which nothing was done are left out.
///
/// # Errors
/// [`SchemaMissing`](crate::Error::SchemaMissing), [`Unreadable`](crate::Error::Unreadable), [`Database`](crate::Error::Database).
///
/// ```
/// # include!("doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_core::{Action, Clock, SystemClock, chrono::TimeDelta};
/// use soft_delete_diesel::activity;
/// Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new("bob"))?;
/// let days = activity(&mut conn, SystemClock.now() - TimeDelta::days(30))?;
/// assert_eq!((days.len(), days[0].action, days[0].rows), (1, Action::SoftDelete, 2));
/// # Ok(())
/// # }
/// ```
pub fn activity<C>(conn: &mut C, since: DateTime<Utc>) -> Result<Vec<DayActivity>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::activity(&mut Blocking(conn), since))
}

/// As [`activity`], on a connection of diesel-async.
///
/// # Errors
/// As [`activity`].
#[cfg(feature = "async")]
pub async fn activity_async<C>(conn: &mut C, since: DateTime<Utc>) -> Result<Vec<DayActivity>>
where
    C: diesel_async::AsyncConnection<Backend: Dialect>,
{
    engine::activity(&mut crate::executor::Async(conn), since).await
}
