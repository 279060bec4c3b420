//! Finding the tables that rows can be soft-deleted from.

use super::{database, foreign_keys};
use crate::{
    FoundColumn, FoundForeignKey, FoundTable, Result, TableName,
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

/// The foreign keys from these tables to the primary keys of others of them.
pub(crate) async fn discover_foreign_keys<E: Executor>(
    executor: &mut E,
    tables: &[FoundTable],
) -> Result<Vec<FoundForeignKey>> {
    let mut found = Vec::new();
    for parent in tables {
        let primary: Vec<String> = parent
            .primary_key()
            .iter()
            .map(|column| column.name.clone())
            .collect();
        let keys = foreign_keys::keys_into(executor, parent.name(), &primary, true).await?;
        for key in keys.into_iter().filter(|key| key.parent_columns == primary) {
            // The catalogue names a schema only where it must be named.
            let Some(child) = tables.iter().find(|table| table.name().is_same_as(&key.child)) else {
                continue;
            };
            let mut columns = key.columns.iter().filter_map(|name| child.column(name));
            found.push(FoundForeignKey {
                child: child.name().clone(),
                is_nullable: columns.any(|column| column.is_nullable),
                columns: key.columns,
                parent: parent.name().clone(),
            });
        }
    }
    Ok(found)
}

fn column(mut row: TextRow) -> FoundColumn {
    FoundColumn {
        name: row.take(2).unwrap_or_default(),
        sql_type: row.take(3).unwrap_or_default(),
        is_nullable: row.take(4).as_deref() == Some("1"),
        key_place: row.take(5).and_then(|place| place.parse().ok()),
    }
}
