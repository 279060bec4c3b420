//! Finding the tables that rows can be soft-deleted from.

use super::database;
use crate::{
    FoundColumn, FoundTable, Result, TableName,
    executor::Executor,
    statement::{TablesWith, TextRow},
};

/// All tables that have a column of this name.
pub(crate) async fn discover<E: Executor>(executor: &mut E, deleted_at: &str) -> Result<Vec<FoundTable>> {
    let database = database(executor).await?;
    let mut tables: Vec<FoundTable> = Vec::new();
    for mut row in executor.rows(&TablesWith(deleted_at)).await? {
        let (schema, name) = (row.take(0), row.take(1).unwrap_or_default());
        let name = TableName::new(name);
        let name = match schema {
            Some(schema) => name.in_schema(schema),
            None => name,
        };
        if tables.last().is_none_or(|last| *last.name() != name) {
            tables.push(FoundTable::new(database, name));
        }
        if let Some(table) = tables.last_mut() {
            table.add(column(row));
        }
    }
    Ok(tables)
}

fn column(mut row: TextRow) -> FoundColumn {
    FoundColumn {
        name: row.take(2).unwrap_or_default(),
        sql_type: row.take(3).unwrap_or_default(),
        is_nullable: row.take(4).as_deref() == Some("1"),
        key_place: row.take(5).and_then(|place| place.parse().ok()),
    }
}
