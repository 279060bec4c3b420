//! Calling the application's hooks around an act.

use soft_delete_core::{AuditEvent, run_after, run_before};

use crate::{Error, Result, statement::Act};

/// Shows the act to the model's hook before anything is changed; an error or a panic of the hook is a veto.
pub(super) fn before(act: &Act<'_>, record_ids: &[String]) -> Result<()> {
    let Some(hook) = &act.model.hooks else {
        return Ok(());
    };
    run_before(&**hook, &event(act, record_ids)).map_err(|(hook, source)| Error::Vetoed { hook, source })
}

/// Tells the log of an act that is committed.
pub(super) fn log(act: &Act<'_>, rows: u64) {
    #[cfg(feature = "tracing")]
    tracing::info!(
        model = act.model.name(),
        rows,
        operation_id = %act.operation,
        actor = act.actor,
        reason = act.reason,
        "{}",
        act.action
    );
    #[cfg(not(feature = "tracing"))]
    let _ = (act, rows);
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
