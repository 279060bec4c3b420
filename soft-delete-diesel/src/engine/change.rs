//! Soft delete and restore of one row: the same compare-and-set, in two directions.

use soft_delete_core::{Action, Context, Outcome};

use super::{Target, absence, checks, failure, hooks};
use crate::{
    Database, Dialect, Result, Stamp,
    executor::Executor,
    statement::{Act, Change, ChangeAndRecord, Lock, Record, State, TextRow, Touch},
};

/// Marks the row deleted or takes the mark away, with its audit row, all or nothing.
///
/// Answers what happened and the deletion columns as they are now.
pub(crate) async fn change<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    action: Action,
    context: &Context,
) -> Result<(Outcome, Stamp)> {
    let act = Act::new(action, target.model, context);
    checks::check(&act)?;
    match repeated(executor, target, &act).await {
        Ok(Attempt::Changed(record_ids)) => {
            hooks::after(&act, &record_ids);
            Ok((Outcome::Changed, Stamp::of(&act)))
        }
        Ok(Attempt::Unchanged(stamp)) => Ok((Outcome::Unchanged, stamp)),
        Ok(Attempt::Missing) => Err(absence::missing(executor, target, action).await),
        Err(error) => Err(absence::explain(executor, target, action, error).await),
    }
}

// Deadlocks and failed serialization end a transaction that did nothing wrong; the same again usually succeeds. Every
// attempt is a whole transaction, so repeating one is safe whatever the error was.
const ATTEMPTS: u32 = 5;

async fn repeated<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    act: &Act<'_>,
) -> Result<Attempt> {
    let mut attempts = 1;
    loop {
        let depth = executor.depth()?;
        match attempt(executor, target, act).await {
            Err(error)
                if attempts < ATTEMPTS && depth == 0 && failure::is_worth_repeating::<E::DB>(&error) =>
            {
                attempts += 1;
            }
            answer => return answer,
        }
    }
}

enum Attempt {
    Changed(Vec<String>),
    Unchanged(Stamp),
    Missing,
}

async fn attempt<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    act: &Act<'_>,
) -> Result<Attempt> {
    let at_once = E::DB::DATABASE.is_some_and(|database| database.syntax().changes_and_records_at_once());
    let alone = act.model.hooks.is_none() && (at_once || !act.model.audited) && executor.depth()? == 0;
    if alone {
        // One statement is a transaction of its own. Inside the caller's it still needs a savepoint, so that an error
        // does not take the caller's work with it.
        return in_transaction(executor, target, act, at_once).await;
    }
    executor.begin().await?;
    match in_transaction(executor, target, act, at_once).await {
        Ok(attempt) => {
            commit(executor).await?;
            Ok(attempt)
        }
        Err(error) => {
            // The first error is the one to tell; a rollback that fails leaves the connection marked as broken.
            let _ = executor.rollback().await;
            Err(error)
        }
    }
}

// A failed commit may leave the transaction open; the caller must not inherit it.
async fn commit<E: Executor>(executor: &mut E) -> Result<()> {
    let depth = executor.depth()?;
    if let Err(error) = executor.commit().await {
        if executor.depth().is_ok_and(|now| now == depth) {
            let _ = executor.rollback().await;
        }
        return Err(error.into());
    }
    Ok(())
}

async fn in_transaction<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    act: &Act<'_>,
    at_once: bool,
) -> Result<Attempt> {
    let mut record_ids = Vec::new();
    if act.model.hooks.is_some() {
        record_ids = changeable_ids(executor, target, act).await?;
        if !record_ids.is_empty() {
            hooks::before(act, &record_ids)?;
        }
    }
    let change = Change { act, key: target.key };
    let changed = if act.model.audited && at_once {
        executor.execute(&ChangeAndRecord(change)).await?
    } else {
        let changed = executor.execute(&change).await?;
        if changed > 0 && act.model.audited {
            executor.execute(&Record { act, key: target.key }).await?;
        }
        changed
    };
    if changed > 0 {
        return Ok(Attempt::Changed(record_ids));
    }
    let state = State {
        model: act.model,
        key: target.key,
    };
    match executor.rows(&state).await?.pop() {
        Some(row) => Ok(Attempt::Unchanged(Stamp::read(act.model, row)?)),
        None => Ok(Attempt::Missing),
    }
}

// The ids that a hook is shown: the row's, if the act would change it. It stays locked until the transaction ends.
async fn changeable_ids<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    act: &Act<'_>,
) -> Result<Vec<String>> {
    if E::DB::DATABASE.is_none_or(|database| database == Database::Sqlite) {
        executor.execute(&Touch(act.model)).await?;
    }
    let rows = executor
        .rows(&Lock {
            model: act.model,
            key: target.key,
        })
        .await?;
    let changeable = |mut row: TextRow| {
        let deleted = row.take(1).is_some();
        row.take(0)
            .filter(|_| deleted == (act.action != Action::SoftDelete))
    };
    Ok(rows.into_iter().filter_map(changeable).collect())
}
