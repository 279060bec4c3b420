//! A turn of a schedule: done here, unless somebody else has done it.

use std::collections::BTreeMap;

use soft_delete_core::{Action, CleanupReport, Stopped};

use crate::{Descriptor, Page, Result, Run, RunState, cleanup::Settings, executor::Executor, schedule::Turn};

/// So many of the newest runs are looked at: others may have cleaned single models meanwhile.
const RUNS: u32 = 20;

/// Runs the cleanup of this turn; `None` when its models were all cleaned since the turn began.
pub(crate) async fn scheduled<E: Executor>(
    executor: &mut E,
    settings: Settings<'_>,
    turn: Turn,
) -> Result<Option<CleanupReport>> {
    // It is looked at here, so that nobody counts rows for nothing, and again when the lease is taken.
    if is_done(executor, &settings.chosen()?, turn).await? {
        return Ok(None);
    }
    super::cleanup::unless_done(executor, settings, Some(turn)).await
}

/// Whether one run has cleaned all these models in this turn.
pub(super) async fn is_done<E: Executor>(
    executor: &mut E,
    models: &[&Descriptor],
    turn: Turn,
) -> Result<bool> {
    let newest = super::runs(executor, Page::of(RUNS)).await?;
    let mut done: BTreeMap<_, usize> = BTreeMap::new();
    for run in newest.iter().filter(|run| counts(run, turn)) {
        if models.iter().any(|model| model.name() == run.model) {
            *done.entry(run.id).or_default() += 1;
        }
    }
    Ok(done.values().any(|cleaned| *cleaned == models.len()))
}

// A run that reached a limit has done its part; one that was told to stop, or lost its lease, has left work for others.
fn counts(run: &Run, turn: Turn) -> bool {
    let has_left_work = |why: &String| {
        let stopped = [Stopped::Requested, Stopped::LeaseLost];
        stopped.iter().any(|stopped| stopped.as_str() == why)
    };
    let is_over = match run.state {
        RunState::Completed => true,
        RunState::Stopped => !run.stopped.as_ref().is_some_and(has_left_work),
        _ => false,
    };
    is_over && run.action == Action::Purge && run.started_at >= turn.known_from
}
