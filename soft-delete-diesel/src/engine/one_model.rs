//! Changing the rows of one model, each with its audit row.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use soft_delete_core::Action;

use super::{failure, transaction, triggers};
use crate::{
    Error, Result,
    executor::Executor,
    statement::{Act, Change, ChangeAndRecord, RecordAhead, RecordDeleted, Rows},
};

/// Changes the rows and records them; answers how many there were.
pub(super) async fn change_rows<E: Executor>(executor: &mut E, change: Change<'_, E::DB>) -> Result<u64> {
    let act = change.act;
    match changed_and_recorded(executor, change).await {
        Ok(rows) => Ok(rows),
        Err(error) => Err(conflict(act, error)),
    }
}

async fn changed_and_recorded<E: Executor>(executor: &mut E, change: Change<'_, E::DB>) -> Result<u64> {
    let Change { act, rows, .. } = change;
    if !act.model.audited {
        return Ok(executor.execute(&change).await? as u64);
    }
    if transaction::records_at_once::<E>() {
        return Ok(executor.execute(&ChangeAndRecord(change)).await? as u64);
    }
    // In a circle the rows that were asked for and those that go along carry one mark, so do the parts of a set that comes in
    // parts, and a restored row carries none: there only the rows before the change tell what to record.
    let one_mark = rows.is_in_circle() || matches!(rows, Rows::Keys(_) | Rows::KeysWithin(..));
    let tell_afterwards = act.action == Action::SoftDelete && !one_mark;
    let (recorded, changed) = if tell_afterwards {
        let changed = executor.execute(&change).await?;
        let root = !matches!(rows, Rows::Along(..));
        let mut recorded = 0;
        for by_time in [true, false] {
            if recorded < changed {
                recorded += executor.execute(&RecordDeleted { act, by_time, root }).await?;
            }
        }
        (recorded, changed)
    } else {
        (
            executor.execute(&RecordAhead { act, rows }).await?,
            executor.execute(&change).await?,
        )
    };
    if recorded == changed {
        return Ok(changed as u64);
    }
    if changed < recorded {
        return Err(triggers::kept(executor, act.model, (recorded - changed) as u64).await);
    }
    Err(came_or_went())
}

/// Where locks do not keep new rows from meeting the condition between the audit and the change, one may: the same again
/// will see it.
pub(super) fn came_or_went() -> Error {
    let told = "rows came or went between the audit and the change".to_owned();
    Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, Box::new(told)).into()
}

/// Records rows that are about to be changed; answers how many.
pub(super) async fn record_ahead<E: Executor>(
    executor: &mut E,
    act: &Act<'_>,
    rows: &Rows<'_, E::DB>,
) -> Result<u64> {
    Ok(if act.model.audited {
        executor.execute(&RecordAhead { act, rows }).await? as u64
    } else {
        0
    })
}

/// A unique key that is taken, where the database says that it is: also at the commit, for one that is deferred.
pub(super) fn conflict(act: &Act<'_>, error: Error) -> Error {
    let constraint = failure::unique_constraint(&error).filter(|_| act.action == Action::Restore);
    match (constraint, error) {
        (Some(constraint), Error::Database(source)) => Error::Conflict {
            model: act.model.name.clone(),
            id: None,
            constraint,
            source,
        },
        (_, error) => error,
    }
}
