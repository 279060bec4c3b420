//! The SQL that makes a table of the application ready.

use crate::{
    Column, Database, Descriptor,
    dialect::{Index, IndexedRows, short_name},
};

/// The SQL to make something of the application's database ready, and to undo that.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableSql {
    /// Makes it ready.
    pub up: String,
    /// Takes that away again; of [`sql_for_table`] the index and the columns, and with them the mark of every deleted row.
    pub down: String,
}

/// The SQL that adds a model's deletion columns, with an index on its deleted rows.
///
/// The index is partial on SQLite and PostgreSQL, so that active rows cost nothing; MySQL and MariaDB have no partial
/// indexes. Columns declared `unique(..)` get an index that holds among active rows only, on MySQL and MariaDB by way of a
/// generated column; a plain unique constraint that the table already has must be dropped, or deleted rows go on blocking
/// new ones. Take the model from [`Model::descriptor`](crate::Model::descriptor), or describe a table by hand.
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
    let table = syntax.quoted_table(model);
    let roles = [
        &model.deleted_by,
        &model.deletion_reason,
        &model.deletion_id,
        &model.purge_after,
    ];
    let columns = std::iter::once(&model.deleted_at).chain(roles.into_iter().flatten());
    let added = columns.map(|column| (column, String::new()));
    let added = added.chain(
        model
            .is_deleted
            .as_ref()
            .map(|flag| (flag, format!(" NOT NULL DEFAULT {}", model.flag.active))),
    );
    let added: Vec<(&Column, String)> = added.collect();
    let active_column = (!model.unique.is_empty())
        .then(|| syntax.active_column(model))
        .flatten();
    let indexes = indexes(model);

    // Down undoes up from its end.
    let mut up = Vec::new();
    let mut down = Vec::new();
    for (column, rule) in added {
        let (name, kind) = (syntax.quoted(column.name()), syntax.column_type(column.kind()));
        up.push(format!("ALTER TABLE {table} ADD COLUMN {name} {kind}{rule};"));
        down.push(format!("ALTER TABLE {table} DROP COLUMN {name};"));
    }
    if let Some((add, drop)) = active_column {
        up.push(add);
        down.push(drop);
    }
    for index in indexes {
        up.push(syntax.create_index(model, &index));
        down.push(syntax.drop_index(model, &index));
    }
    down.reverse();
    TableSql {
        up: lines(&up),
        down: lines(&down),
    }
}

pub(super) fn lines(statements: &[String]) -> String {
    statements.join(
        "
",
    ) + "
"
}

/// The indexes that a model asks for, the one on deleted rows first.
pub(crate) fn indexes(model: &Descriptor) -> Vec<Index> {
    let table = model.table.name();
    let mark = std::iter::once(&model.deleted_at)
        .chain(&model.key)
        .map(|column| column.name().to_owned());
    let deleted = Index {
        name: short_name(&format!("{table}_deleted")),
        columns: mark.collect(),
        rows: IndexedRows::Deleted,
    };
    let unique = model.unique.iter().map(|columns| Index {
        name: short_name(&format!("{table}_{}_active", columns.join("_"))),
        columns: columns.clone(),
        rows: IndexedRows::Active,
    });
    std::iter::once(deleted).chain(unique).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColumnKind, TableName};

    #[test]
    fn unique_keys_hold_among_active_rows_on_every_database() {
        let model = Descriptor::new(
            TableName::new("leads"),
            Column::new("deleted_at", ColumnKind::Timestamp),
        )
        .key(Column::new("id", ColumnKind::BigInt))
        .unique(&["tenant_id", "slug"]);
        let up = |database| {
            sql_for_table(database, &model)
                .up
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned()
        };
        for database in [Database::Sqlite, Database::Postgres] {
            assert_eq!(
                up(database),
                "CREATE UNIQUE INDEX \"leads_tenant_id_slug_active\" ON \"leads\" (\"tenant_id\", \"slug\") WHERE \"deleted_at\" IS NULL;"
            );
        }
        assert_eq!(
            up(Database::Mysql),
            "CREATE UNIQUE INDEX `leads_tenant_id_slug_active` ON `leads` (`tenant_id`, `slug`, `soft_delete_active`);"
        );
        let down = sql_for_table(Database::Mysql, &model).down;
        let words: Vec<&str> = down
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap_or_default())
            .collect();
        assert_eq!(
            words,
            ["`leads`;", "`leads`;", "`soft_delete_active`;", "`deleted_at`;"]
        );
    }
}
