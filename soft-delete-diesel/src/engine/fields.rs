//! What a row holds, column by column, as text for people.

use crate::{
    ColumnKind, Descriptor, FoundColumn, KeyBinds, Predicate, RecordField, Result,
    executor::Executor,
    statement::{AboutTable, AskedOf, Fields, TextRow},
};

/// The fields of a row whose columns are wanted; `None` where there is no such row.
pub(crate) async fn fields<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    key: &dyn KeyBinds<E::DB>,
    within: Option<&Predicate<'_, E::DB>>,
    wanted: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Option<Vec<RecordField>>> {
    let database = super::database(executor).await?;
    let described = executor
        .rows(&AboutTable::new(&model.table, AskedOf::Columns))
        .await?;
    let columns: Vec<FoundColumn> = described.into_iter().map(column).collect();
    let columns: Vec<(String, bool)> = columns
        .into_iter()
        .filter(|column| wanted(&column.name))
        .map(|column| {
            let is_binary = column.kind(database) == Some(ColumnKind::Binary);
            (column.name, !is_binary)
        })
        .collect();
    let question = Fields {
        model,
        key,
        columns: &columns,
        within,
    };
    let Some(mut row) = executor.rows(&question).await?.pop() else {
        return Ok(None);
    };
    let fields = columns
        .into_iter()
        .enumerate()
        .map(|(place, (name, is_text))| RecordField {
            name,
            // The first is there so that a row without columns is a row.
            value: row.take(place + 1),
            is_text,
        });
    Ok(Some(fields.collect()))
}

fn column(mut row: TextRow) -> FoundColumn {
    FoundColumn {
        name: row.take(0).unwrap_or_default(),
        sql_type: row.take(1).unwrap_or_default(),
        is_nullable: true,
        key_place: None,
        is_generated: false,
    }
}
