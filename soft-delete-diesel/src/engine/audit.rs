//! The audit trail of all rows.

use soft_delete_core::{
    Action,
    chrono::{DateTime, Utc},
};

use super::failure;
use crate::{
    AuditRecord, DayActivity, DeletionId, Page, Result, TableName, Trail,
    executor::Executor,
    statement::{Activity, AuditPage, OperationRef, containing, time_span},
};

/// How much was done on each day since this instant.
pub(crate) async fn activity<E: Executor>(
    executor: &mut E,
    since: DateTime<Utc>,
) -> Result<Vec<DayActivity>> {
    let first = OperationRef::new(DeletionId::first_at(since));
    match executor.rows(&Activity(&first)).await {
        Ok(rows) => rows.into_iter().map(DayActivity::read).collect(),
        Err(error) => Err(failure::missing_schema(executor, error.into()).await),
    }
}

/// A page of the audit trail, newest first.
pub(crate) async fn audit<E: Executor>(executor: &mut E, trail: &Trail) -> Result<Vec<AuditRecord>> {
    let size = trail.size.unwrap_or(Trail::SIZE);
    Page::of(size).check()?;
    let between = match (trail.from, trail.to) {
        (None, None) => None,
        (from, to) => match time_span(from, to) {
            Some(span) => Some(span),
            None => return Ok(Vec::new()),
        },
    };
    let page = AuditPage {
        trail,
        model: trail
            .model
            .as_deref()
            .map(|name| (name, TableName::written(name))),
        operation: trail.operation.map(OperationRef::new),
        action: trail.action.map(Action::as_str),
        reason: trail.reason.as_deref().map(containing),
        between,
        size,
    };
    match executor.rows(&page).await {
        Ok(rows) => rows.into_iter().map(AuditRecord::read).collect(),
        Err(error) => Err(failure::missing_schema(executor, error.into()).await),
    }
}
