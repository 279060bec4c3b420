//! Soft delete and restore of sets of rows: one operation, one transaction, however many rows.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use soft_delete_core::{Action, Context};

use super::{checks, failure, hooks, transaction};
use crate::{
    DeletionId, Descriptor, Dialect, Error, Result,
    executor::Executor,
    operation::{ModelRows, Operation},
    statement::{
        Act, Change, ChangeAndRecord, OperationExists, OperationRef, RecordAhead, RecordDeleted, Recorded,
        Rows,
    },
};

/// Marks the rows of the models deleted or takes the marks away, with their audit rows, all or nothing.
pub(crate) async fn change_set<E: Executor>(
    executor: &mut E,
    models: &[&'static Descriptor],
    rows: &Rows<'_, E::DB>,
    action: Action,
    context: &Context,
) -> Result<Operation> {
    let Some((first, others)) = models.split_first() else {
        return Ok(Operation {
            id: DeletionId::at(context.now()),
            models: Vec::new(),
        });
    };
    let mut acts = vec![Act::new(action, first, context)];
    acts.extend(others.iter().map(|model| acts[0].on(model)).collect::<Vec<_>>());
    for act in &acts {
        checks::check(act)?;
    }
    let changed = match transaction::repeated(executor, &Set { acts: &acts, rows }).await {
        Ok(changed) => changed,
        Err(error) => return Err(failure::missing_schema(executor, error).await),
    };
    for (act, rows) in acts.iter().zip(&changed) {
        if *rows > 0 {
            after(executor, act, *rows).await;
        }
    }
    let models = acts.iter().zip(changed).filter(|(_, rows)| *rows > 0);
    let models = models.map(|(act, rows)| ModelRows {
        model: act.model.name.clone(),
        rows,
    });
    Ok(Operation {
        id: acts[0].operation,
        models: models.collect(),
    })
}

/// Brings back what is left of an operation, in all of these models.
pub(crate) async fn undo<E: Executor>(
    executor: &mut E,
    models: &[&'static Descriptor],
    operation: DeletionId,
    context: &Context,
) -> Result<Operation> {
    let operation = OperationRef {
        id: operation.as_uuid(),
        text: operation.to_string(),
    };
    let models: Vec<_> = models
        .iter()
        .copied()
        .filter(|model| model.deletion_id.is_some())
        .collect();
    let undone = change_set(
        executor,
        &models,
        &Rows::DeletedIn(&operation),
        Action::Restore,
        context,
    )
    .await?;
    if undone.is_changed() {
        return Ok(undone);
    }
    // Nothing left is a fine answer; an operation that nobody ever heard of is most likely a mistyped one.
    match executor.rows(&OperationExists(&operation)).await {
        Ok(known) if known.is_empty() => Err(Error::UnknownOperation { id: operation.text }),
        Ok(_) => Ok(undone),
        Err(error) => Err(failure::missing_schema(executor, error.into()).await),
    }
}

struct Set<'a, DB: Dialect> {
    acts: &'a [Act<'a>],
    rows: &'a Rows<'a, DB>,
}

impl<E: Executor> transaction::Work<E> for Set<'_, E::DB> {
    type Answer = Vec<u64>;

    fn is_one_statement(&self) -> bool {
        matches!(self.acts, [act] if act.model.hooks.is_none() && (transaction::records_at_once::<E>() || !act.model.audited))
    }

    async fn run(&self, executor: &mut E) -> Result<Vec<u64>> {
        let mut changed = Vec::with_capacity(self.acts.len());
        for act in self.acts {
            let rows = change_model(executor, act, self.rows)
                .await
                .map_err(|error| conflict(act, error))?;
            if rows > 0 {
                before(executor, act).await?;
            }
            changed.push(rows);
        }
        Ok(changed)
    }
}

async fn change_model<E: Executor>(executor: &mut E, act: &Act<'_>, rows: &Rows<'_, E::DB>) -> Result<u64> {
    let change = Change { act, rows };
    if !act.model.audited {
        return Ok(executor.execute(&change).await? as u64);
    }
    if transaction::records_at_once::<E>() {
        return Ok(executor.execute(&ChangeAndRecord(change)).await? as u64);
    }
    let (recorded, changed) = if act.action == Action::SoftDelete {
        let changed = executor.execute(&change).await?;
        let mut recorded = 0;
        for by_time in [true, false] {
            if recorded < changed {
                recorded += executor.execute(&RecordDeleted { act, by_time }).await?;
            }
        }
        (recorded, changed)
    } else {
        // A restored row no longer says which operation it came from, so it is recorded first.
        (
            executor.execute(&RecordAhead { act, rows }).await?,
            executor.execute(&change).await?,
        )
    };
    if recorded == changed {
        return Ok(changed as u64);
    }
    // Where locks do not keep new rows from meeting the condition in between, one may: the same again will see it.
    let told = "rows came or went between the audit and the change".to_owned();
    Err(Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, Box::new(told)).into())
}

fn conflict(act: &Act<'_>, error: Error) -> Error {
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

// Hooks see a set in pages of a thousand ids, read back from the audit trail, so that memory does not grow with the rows.
async fn before<E: Executor>(executor: &mut E, act: &Act<'_>) -> Result<()> {
    if act.model.hooks.is_none() {
        return Ok(());
    }
    if !act.model.audited {
        return hooks::before(act, &[]);
    }
    let mut last = "0".to_owned();
    while let Some(ids) = page(executor, act, &mut last).await? {
        hooks::before(act, &ids)?;
    }
    Ok(())
}

async fn after<E: Executor>(executor: &mut E, act: &Act<'_>, rows: u64) {
    hooks::log(act, rows);
    if act.model.hooks.is_none() {
        return;
    }
    if !act.model.audited {
        return hooks::after(act, &[]);
    }
    let mut last = "0".to_owned();
    // The act is committed: a page that cannot be read any more undoes nothing.
    while let Ok(Some(ids)) = page(executor, act, &mut last).await {
        hooks::after(act, &ids);
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
