//! Soft delete and restore of one row: the same compare-and-set, in two directions.

use soft_delete_core::{Action, Context, Outcome};

use super::{
    Target, absence, checks, hooks,
    transaction::{Work, records_at_once, repeated},
};
use crate::{
    Database, Dialect, Result, Stamp,
    executor::Executor,
    statement::{Act, Change, ChangeAndRecord, Lock, Record, Rows, State, TextRow, Touch},
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
    match repeated(executor, &OneRow { target, act: &act }).await {
        Ok(Attempt::Changed(record_ids)) => {
            hooks::log(&act, 1);
            hooks::after(&act, &record_ids);
            Ok((Outcome::Changed, Stamp::of(&act)))
        }
        Ok(Attempt::Unchanged(stamp)) => Ok((Outcome::Unchanged, stamp)),
        Ok(Attempt::Missing) => Err(absence::missing(executor, target, action).await),
        Err(error) => Err(absence::explain(executor, target, action, error).await),
    }
}

enum Attempt {
    Changed(Vec<String>),
    Unchanged(Stamp),
    Missing,
}

struct OneRow<'a, DB: Dialect> {
    target: &'a Target<'a, DB>,
    act: &'a Act<'a>,
}

impl<E: Executor> Work<E> for OneRow<'_, E::DB> {
    type Answer = Attempt;

    fn is_one_statement(&self) -> bool {
        let model = self.act.model;
        model.hooks.is_none() && (records_at_once::<E>() || !model.audited)
    }

    async fn run(&self, executor: &mut E) -> Result<Attempt> {
        attempt(executor, self.target, self.act).await
    }
}

async fn attempt<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    act: &Act<'_>,
) -> Result<Attempt> {
    let mut record_ids = Vec::new();
    if act.model.hooks.is_some() {
        record_ids = changeable_ids(executor, target, act).await?;
        if !record_ids.is_empty() {
            hooks::before(act, &record_ids)?;
        }
    }
    let rows = Rows::Key(target.key);
    let change = Change { act, rows: &rows };
    let changed = if act.model.audited && records_at_once::<E>() {
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
