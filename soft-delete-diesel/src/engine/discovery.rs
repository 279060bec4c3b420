//! Finding the tables that rows can be soft-deleted from.

use super::{database, facts};
use crate::{
    FoundColumn, FoundForeignKey, FoundTable, Result, TableName,
    discovery::FoundUnique,
    executor::Executor,
    statement::{AboutTable, AskedOf, NameWithoutSchema, TablesWith, TextRow},
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

/// The table of this name among those that were found, under this name.
pub(crate) async fn find_discovered<E: Executor>(
    executor: &mut E,
    tables: &[FoundTable],
    name: &TableName,
) -> Result<Option<FoundTable>> {
    if let Some(table) = tables.iter().find(|table| table.name() == name) {
        return Ok(Some(table.clone()));
    }
    let Some(schema) = name.schema() else {
        return Ok(None);
    };
    let asked = NameWithoutSchema {
        schema,
        name: name.name(),
    };
    let found = executor.rows(&asked).await?.pop().and_then(|mut row| row.take(0));
    let found = found.map(TableName::new);
    let table = tables.iter().find(|table| Some(table.name()) == found.as_ref());
    Ok(table.map(|table| table.under(name.clone())))
}

/// Learns the unique indexes of these tables that are on a part of their rows.
pub(crate) async fn discover_unique_keys<E: Executor>(
    executor: &mut E,
    tables: &mut [FoundTable],
) -> Result<()> {
    for table in tables {
        let indexes = executor
            .rows(&AboutTable::new(table.name(), AskedOf::Indexes))
            .await?;
        table.unique = indexes.into_iter().filter_map(partial_unique).collect();
    }
    Ok(())
}

// SQLite tells the whole statement, whose condition is its end.
fn partial_unique(mut row: TextRow) -> Option<FoundUnique> {
    let is_unique = row.take(1).as_deref() == Some("1");
    let (columns, told) = (row.take(3)?, row.take(4)?);
    let lower = told.to_ascii_lowercase();
    let is_end = |end: Option<char>| end.is_some_and(|end| end.is_whitespace() || "()\"]`".contains(end));
    let condition = if lower.trim_start().starts_with("create") {
        let mut places = lower.rmatch_indices("where");
        let (place, word) = places.find(|(place, word)| {
            is_end(lower[..*place].chars().next_back()) && is_end(lower[place + word.len()..].chars().next())
        })?;
        told[place + word.len()..].to_owned()
    } else {
        told
    };
    (is_unique && !condition.is_empty()).then(|| FoundUnique {
        columns: columns.split(',').map(ToOwned::to_owned).collect(),
        condition,
    })
}

/// The foreign keys from these tables to others of them.
pub(crate) async fn discover_foreign_keys<E: Executor>(
    executor: &mut E,
    tables: &[FoundTable],
) -> Result<Vec<FoundForeignKey>> {
    let names = tables.iter().map(|table| table.name().clone()).collect();
    let facts = facts::read(executor, names).await?;
    let mut found = Vec::new();
    for parent in tables {
        let primary: Vec<String> = parent
            .primary_key()
            .iter()
            .map(|column| column.name.clone())
            .collect();
        let keys = facts
            .of(parent.name())
            .into_iter()
            .flat_map(|facts| &facts.foreign_keys);
        for key in keys {
            let child = tables
                .iter()
                .find(|table| facts.is_same(table.name(), &key.canonical_child));
            let Some(child) = child else {
                continue;
            };
            // In the order of the parent's key, whatever that of the constraint is.
            let of = |part: &String| {
                key.columns
                    .iter()
                    .zip(&key.parent_columns)
                    .find(|(_, parent)| parent.eq_ignore_ascii_case(part))
            };
            let (own, parent_columns) = if key.is_to(&primary) {
                let own = primary.iter().filter_map(of);
                (own.map(|(column, _)| column.clone()).collect(), primary.clone())
            } else {
                (key.columns.clone(), key.parent_columns.clone())
            };
            let own: Vec<String> = own;
            let mut columns = own.iter().filter_map(|name| child.column(name));
            found.push(FoundForeignKey {
                child: child.name().clone(),
                is_nullable: columns.any(|column| column.is_nullable),
                columns: own,
                parent_columns,
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
        is_generated: row.take(6).as_deref() == Some("1"),
    }
}
