//! The SQL that makes a table of the application ready.

use crate::{Column, Database, Descriptor};

/// The SQL to add the deletion columns to a table, and to take them away again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableSql {
    /// Adds the columns and their index.
    pub up: String,
    /// Removes the index and the columns, and with them the mark of every deleted row.
    pub down: String,
}

/// The SQL that adds a model's deletion columns, with an index on its deleted rows.
///
/// The index is partial on SQLite and PostgreSQL, so that active rows cost nothing; MySQL and MariaDB have no partial
/// indexes. Take the model from [`Model::descriptor`](crate::Model::descriptor), or describe a table by hand.
///
/// ```
/// use soft_delete_diesel::{Column, ColumnKind, Database, Descriptor, TableName, migrations::sql_for_table};
/// let leads = Descriptor::new(TableName::new("leads"), Column::new("deleted_at", ColumnKind::ZonedTimestamp))
///     .key(Column::new("id", ColumnKind::BigInt));
/// let sql = sql_for_table(Database::Postgres, &leads);
/// assert_eq!(sql.up, concat!(
///     "ALTER TABLE \"leads\" ADD COLUMN \"deleted_at\" TIMESTAMPTZ;\n",
///     "CREATE INDEX \"leads_deleted\" ON \"leads\" (\"deleted_at\", \"id\") WHERE \"deleted_at\" IS NOT NULL;\n",
/// ));
/// ```
pub fn sql_for_table(database: Database, model: &Descriptor) -> TableSql {
    let syntax = database.syntax();
    let schema = model
        .table
        .schema()
        .map(|schema| format!("{}.", syntax.quoted(schema)))
        .unwrap_or_default();
    let table = format!("{schema}{}", syntax.quoted(model.table.name()));
    let roles = [&model.deleted_by, &model.deletion_reason, &model.deletion_id];
    let columns: Vec<&Column> = std::iter::once(&model.deleted_at)
        .chain(roles.into_iter().flatten())
        .collect();
    let index = format!("{}_deleted", model.table.name());
    let indexed: Vec<String> = std::iter::once(&model.deleted_at)
        .chain(&model.key)
        .map(|column| syntax.quoted(column.name()))
        .collect();

    let mut up = String::new();
    let mut down = syntax.drop_index(model, &index) + "\n";
    for column in &columns {
        let (name, kind) = (syntax.quoted(column.name()), syntax.column_type(column.kind()));
        up += &format!("ALTER TABLE {table} ADD COLUMN {name} {kind};\n");
    }
    if let Some(flag) = &model.is_deleted {
        let name = syntax.quoted(flag.name());
        up += &format!("ALTER TABLE {table} ADD COLUMN {name} BOOLEAN NOT NULL DEFAULT FALSE;\n");
    }
    up += &(syntax.create_index(model, &index, &indexed.join(", ")) + "\n");
    for column in columns.into_iter().chain(&model.is_deleted).rev() {
        down += &format!(
            "ALTER TABLE {table} DROP COLUMN {};\n",
            syntax.quoted(column.name())
        );
    }
    TableSql { up, down }
}
