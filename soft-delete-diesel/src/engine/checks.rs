//! What is refused before anything is asked of the database.

use soft_delete_core::{Action, EARLIEST, LATEST};

use crate::{Error, Result, statement::Act};

/// Refuses an act that this model or this clock cannot carry.
pub(super) fn check(act: &Act<'_>) -> Result<()> {
    let model = act.model;
    if !(EARLIEST..=LATEST).contains(&act.at) {
        return Err(Error::ClockOutOfRange { now: act.at });
    }
    let wants_reason = act.action == Action::ForceDelete || model.reason_required;
    if !matches!(act.action, Action::SoftDelete | Action::ForceDelete) {
        return Ok(());
    }
    if wants_reason && act.reason.is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Error::ReasonRequired {
            model: model.name.clone(),
        });
    }
    if act.action == Action::ForceDelete {
        return Ok(());
    }
    if act.kept_for.is_some() && model.purge_after.is_none() {
        return Err(Error::NoPurgeAfter {
            model: model.name.clone(),
        });
    }
    match &model.deleted_by {
        Some(column) if !column.kind().accepts(act.actor) && !model.actor_may_not_fit => {
            Err(Error::ActorMismatch {
                model: model.name.clone(),
                column: column.name().to_owned(),
                expected: column.kind().in_words(),
                actor: act.actor.to_owned(),
            })
        }
        _ => Ok(()),
    }
}
