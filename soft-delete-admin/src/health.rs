//! What is slow to find out, remembered for a minute: thirty days of activity, and what the doctor says.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use soft_delete::{DayActivity, Finding};

use crate::{desk::Asked, pages::chart, refusal::Refusal, source::Source};

const MINUTE: TimeDelta = TimeDelta::seconds(60);

/// What was found out, and when.
pub(crate) struct Health {
    at: DateTime<Utc>,
    pub(crate) activity: Vec<DayActivity>,
    pub(crate) findings: Vec<Finding>,
}

/// What was found out last.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<Option<Arc<Health>>>);

impl Remembered {
    /// As it was a minute ago at most.
    pub(crate) fn of<S: Source>(
        &self,
        asked: &Asked<S>,
        conn: &mut S::Connection,
    ) -> Result<Arc<Health>, Refusal> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A clock that was set back makes it anew.
        let is_fresh = |health: &Arc<Health>| (TimeDelta::zero()..MINUTE).contains(&(asked.now - health.at));
        if let Some(health) = known.filter(is_fresh) {
            return Ok(health);
        }
        // The lock is not held meanwhile: two who ask at once find out twice.
        let days = i64::try_from(chart::DAYS).unwrap_or_default();
        let health = Arc::new(Health {
            at: asked.now,
            activity: soft_delete::activity(conn, asked.now - TimeDelta::days(days))?,
            findings: soft_delete::doctor(conn, &asked.desk.registry)?,
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&health));
        Ok(health)
    }
}
