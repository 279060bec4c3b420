//! Every row of every table, and the audit, as texts.

use std::collections::BTreeMap;

use soft_delete::Database;

use super::{
    schema::{Case, Table},
    site::Site,
};

/// A row by its table and its key.
pub type Id = (usize, String);

/// Everything that may not change unless it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub rows: BTreeMap<Id, BTreeMap<String, Option<String>>>,
    pub audit: Vec<Entry>,
}

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub action: String,
    pub model: String,
    pub record: String,
    pub operation: String,
}

impl Picture {
    pub fn take<S: Site>(site: &mut S, case: &Case) -> Self {
        let queries: Vec<String> = case.tables.iter().map(|table| select(case, table)).collect();
        let mut rows = BTreeMap::new();
        for line in site.lines(&queries.join(" UNION ALL ")) {
            let mut values = line.split('|');
            let number = values
                .next()
                .and_then(|number| number.parse().ok())
                .expect("a table");
            let table = case.table(number);
            let columns = case.all_columns(table).into_iter().zip(values);
            let columns: BTreeMap<String, Option<String>> = columns
                .map(|(column, value)| (column, (value != "~").then(|| value.to_owned())))
                .collect();
            let key = table
                .key
                .columns()
                .iter()
                .map(|&column| columns[column].clone().unwrap_or_default());
            rows.insert((number, key.collect::<Vec<_>>().join(",")), columns);
        }
        let text = text_type(case.database);
        let audit = format!(
            "SELECT {} AS line FROM soft_delete_audit ORDER BY id",
            joined(
                case.database,
                [
                    "action",
                    "model",
                    "record_id",
                    &format!("CAST(operation_id AS {text})")
                ]
            )
        );
        let audit = site.lines(&audit).into_iter().map(|line| {
            let mut values = line.split('|').map(ToOwned::to_owned);
            let mut next = || values.next().expect("a value");
            Entry {
                action: next(),
                model: next(),
                record: next(),
                operation: next(),
            }
        });
        Self {
            rows,
            audit: audit.collect(),
        }
    }
}

fn text_type(database: Database) -> &'static str {
    if database == Database::Mysql {
        "CHAR"
    } else {
        "TEXT"
    }
}

fn joined<S: AsRef<str>>(database: Database, parts: impl IntoIterator<Item = S>) -> String {
    let parts: Vec<String> = parts.into_iter().map(|part| part.as_ref().to_owned()).collect();
    match database {
        Database::Sqlite => parts.join(" || '|' || "),
        _ => format!("CONCAT_WS('|', {})", parts.join(", ")),
    }
}

fn select(case: &Case, table: &Table) -> String {
    let text = text_type(case.database);
    let columns = case.all_columns(table).into_iter().map(|column| match column.as_str() {
        // A truth value is 1 or 0, however the database writes it.
        "is_deleted" if case.database == Database::Postgres => {
            "CASE CAST(is_deleted AS TEXT) WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE CAST(is_deleted AS TEXT) END".to_owned()
        }
        _ => format!("COALESCE(CAST({column} AS {text}), '~')"),
    });
    let values = std::iter::once(format!("'{}'", table.number)).chain(columns);
    format!(
        "SELECT {} AS line FROM {}",
        joined(case.database, values),
        case.sql_name(table)
    )
}
