//! How the row of one key stands: what a refusal is explained by.

use soft_delete_core::{Action, Clock, SystemClock};

use super::{Target, absence, along::counted};
use crate::{
    Error, RecordState, Result,
    executor::Executor,
    statement::{CountHeld, Instant, Rows, State},
};

/// Whether the row is active, deleted or held, was removed for good, or is not there.
pub(crate) async fn record_state<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
) -> Result<RecordState> {
    let Target { model, key } = *target;
    let Some(mut row) = executor.rows(&State { model, key }).await?.pop() else {
        return match absence::missing(executor, target, Action::Restore).await {
            Error::Purged { at, by, .. } => Ok(RecordState::Purged { at, by }),
            Error::NotFound { .. } | Error::SchemaMissing { .. } => Ok(RecordState::Missing),
            error => Err(error),
        };
    };
    if row.take(0).is_none() {
        return Ok(RecordState::Active);
    }
    let held = CountHeld {
        model,
        rows: &Rows::Key(key),
        now: &Instant::new(SystemClock.now()),
    };
    // Where the library's own tables are not there yet, nothing is held.
    let is_held = match executor.rows(&held).await {
        Ok(rows) => counted(rows)? > 0,
        Err(_) => false,
    };
    Ok(if is_held {
        RecordState::Held
    } else {
        RecordState::Deleted
    })
}
