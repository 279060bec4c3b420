//! Rows that a trigger keeps without an error: `RETURN NULL` on PostgreSQL, `RAISE(IGNORE)` on SQLite.

use super::{database, one_model::came_or_went};
use crate::{
    Descriptor, Error, TableName,
    executor::Executor,
    statement::{AboutTable, AskedOf},
};

/// Why fewer rows were changed than were locked and recorded: a trigger of the table kept them, or they changed meanwhile.
///
/// Asks the catalogue, in the transaction that is about to be rolled back, and only when the counts differ.
pub(super) async fn kept<E: Executor>(executor: &mut E, model: &Descriptor, rows: u64) -> Error {
    match keeping(executor, model).await {
        Some(trigger) => Error::KeptByTrigger {
            model: model.name().to_owned(),
            rows,
            trigger,
        },
        None => came_or_went(),
    }
}

/// The triggers of a table that may keep a row from being removed, if there are any; the library's own guards refuse with an
/// error.
pub(super) async fn keeping<E: Executor>(executor: &mut E, model: &Descriptor) -> Option<String> {
    let database = database(executor).await.ok()?;
    let guard = database.guards().against_deletion(model);
    let names = names(executor, &model.table).await?.into_iter();
    let others = names.filter(|name| !guard.up.iter().any(|sql| sql.contains(name.as_str())));
    let others: Vec<String> = others.collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// As [`keeping`], of a table that is no model.
pub(super) async fn of_table<E: Executor>(executor: &mut E, table: &TableName) -> Option<String> {
    let names = names(executor, table).await?;
    (!names.is_empty()).then(|| names.join(", "))
}

async fn names<E: Executor>(executor: &mut E, table: &TableName) -> Option<Vec<String>> {
    let about = AboutTable::new(table, AskedOf::KeepingTriggers);
    let rows = executor.rows(&about).await.ok()?;
    Some(rows.into_iter().filter_map(|mut row| row.take(0)).collect())
}
