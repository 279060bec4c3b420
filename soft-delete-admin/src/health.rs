//! What takes long to find out, remembered for a minute: figures of large tables, thirty days of activity, what the doctor says.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use soft_delete::{DayActivity, Finding, ModelStats, Stats};

use crate::{desk::Asked, pages::chart, refusal::Refusal, source::Source};

const MINUTE: TimeDelta = TimeDelta::seconds(60);

/// What is found out faster than this is found out each time.
const QUICK: Duration = Duration::from_millis(20);

/// Tables of more rows are estimated, where the catalogue has an estimate.
const COUNTED_ROWS: u64 = 200_000;

/// What was found out, and when.
pub(crate) struct Known<T> {
    pub(crate) at: DateTime<Utc>,
    /// Whether it may be as old as a minute when it is shown.
    pub(crate) is_kept: bool,
    pub(crate) what: T,
}

/// What was found out last.
pub(crate) struct Remembered<T>(Mutex<Option<Arc<Known<T>>>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Remembered<T> {
    /// As it was a minute ago at most, or as it is now if that is found out quickly.
    fn of(
        &self,
        now: DateTime<Utc>,
        find_out: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<Arc<Known<T>>, Refusal> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A clock that was set back makes it anew.
        let is_fresh =
            |known: &Arc<Known<T>>| known.is_kept && (TimeDelta::zero()..MINUTE).contains(&(now - known.at));
        if let Some(known) = known.filter(is_fresh) {
            return Ok(known);
        }
        // The lock is not held meanwhile: two who ask at once find out twice.
        let since = Instant::now();
        let what = find_out()?;
        let known = Arc::new(Known {
            at: now,
            is_kept: since.elapsed() > QUICK,
            what,
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }
}

/// How the whole is, beside its figures.
pub(crate) struct Health {
    pub(crate) activity: Vec<DayActivity>,
    pub(crate) findings: Vec<Finding>,
}

impl Remembered<Health> {
    /// Thirty days of activity, and what the doctor says.
    pub(crate) fn health<S: Source>(
        &self,
        asked: &Asked<S>,
        conn: &mut S::Connection,
    ) -> Result<Arc<Known<Health>>, Refusal> {
        let days = i64::try_from(chart::DAYS).unwrap_or_default();
        self.of(asked.now, || {
            Ok(Health {
                activity: soft_delete::activity(conn, asked.now - TimeDelta::days(days))?,
                findings: soft_delete::doctor(conn, &asked.desk.registry)?,
            })
        })
    }
}

impl Remembered<Vec<ModelStats>> {
    /// The figures of all models.
    pub(crate) fn figures<S: Source>(
        &self,
        asked: &Asked<S>,
        conn: &mut S::Connection,
    ) -> Result<Arc<Known<Vec<ModelStats>>>, Refusal> {
        let figures = Stats::of(&asked.desk.registry)
            .at(asked.now)
            .estimate_above(COUNTED_ROWS);
        self.of(asked.now, || Ok(figures.run(conn)?))
    }
}
