//! Calling the application's hooks around an act.

use soft_delete_core::{AuditEvent, run_after, run_before};

use super::telemetry;
use crate::{
    Error, Result,
    executor::Executor,
    statement::{Act, Recorded},
};

/// Shows the act to the model's hook before anything is changed; an error or a panic of the hook is a veto.
pub(super) fn before(act: &Act<'_>, record_ids: &[String]) -> Result<()> {
    let Some(hook) = &act.model.hooks else {
        return Ok(());
    };
    run_before(&**hook, &event(act, record_ids)).map_err(|(hook, source)| Error::Vetoed { hook, source })
}

/// Tells the model's hook of an act that is committed; a hook that fails now cannot undo it.
pub(super) fn after(act: &Act<'_>, record_ids: &[String]) {
    let Some(hook) = &act.model.hooks else { return };
    let outcome = run_after(&**hook, &event(act, record_ids));
    #[cfg(feature = "tracing")]
    if let Err((hook, error)) = &outcome {
        tracing::error!(model = act.model.name(), operation_id = %act.operation, hook, %error, "a hook failed after the act");
    }
    drop(outcome);
}

/// Shows a set that was changed and recorded to the model's hook, in pages of a thousand ids read back from the audit trail,
/// so that memory does not grow with the rows.
pub(super) async fn before_set<E: Executor>(executor: &mut E, act: &Act<'_>) -> Result<()> {
    if act.model.hooks.is_none() {
        return Ok(());
    }
    if !act.model.audited {
        return before(act, &[]);
    }
    let mut last = "0".to_owned();
    while let Some(ids) = page(executor, act, &mut last).await? {
        before(act, &ids)?;
    }
    Ok(())
}

/// Tells the log and the model's hook of a set that is committed.
pub(super) async fn after_set<E: Executor>(executor: &mut E, act: &Act<'_>, rows: u64) {
    telemetry::acted(act, rows);
    if act.model.hooks.is_none() {
        return;
    }
    if !act.model.audited {
        return after(act, &[]);
    }
    let mut last = "0".to_owned();
    // The act is committed: a page that cannot be read any more undoes nothing.
    while let Ok(Some(ids)) = page(executor, act, &mut last).await {
        after(act, &ids);
    }
}

async fn page<E: Executor>(
    executor: &mut E,
    act: &Act<'_>,
    last: &mut String,
) -> Result<Option<Vec<String>>> {
    let mut ids = Vec::new();
    for mut row in executor.rows(&Recorded { act, after: last }).await? {
        *last = row.take(0).unwrap_or_default();
        ids.extend(row.take(1));
    }
    Ok((!ids.is_empty()).then_some(ids))
}

fn event<'a>(act: &'a Act<'_>, record_ids: &'a [String]) -> AuditEvent<'a> {
    AuditEvent::new(
        act.action,
        act.operation.as_uuid(),
        act.model.name(),
        record_ids,
        act.actor,
        act.at,
    )
    .because(act.reason)
}
