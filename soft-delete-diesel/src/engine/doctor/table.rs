//! Whether a table is as its model says.

use super::{super::foreign_keys, Findings};
use crate::{
    Check, Column, ColumnKind, Database, Descriptor, Error, Registry, Result, Severity,
    executor::Executor,
    foreign_key::Rule,
    migrations::indexes,
    schema_facts::SchemaFacts,
    statement::{AboutTable, AskedOf},
};

/// A table as the catalogue describes it.
pub(super) struct Table {
    model: &'static Descriptor,
    columns: Vec<Found>,
    indexes: Vec<FoundIndex>,
    triggers: Vec<String>,
}

struct Found {
    name: String,
    sql_type: String,
    is_nullable: bool,
    is_generated: bool,
}

struct FoundIndex {
    name: String,
    is_unique: bool,
    is_primary: bool,
    columns: Vec<String>,
    condition: String,
}

impl Table {
    pub(super) async fn read<E: Executor>(executor: &mut E, model: &'static Descriptor) -> Result<Self> {
        let about = |asked| AboutTable::new(&model.table, asked);
        let columns = executor.rows(&about(AskedOf::Columns)).await?;
        let indexes = executor.rows(&about(AskedOf::Indexes)).await?;
        let triggers = executor.rows(&about(AskedOf::Triggers)).await?;
        Ok(Self {
            model,
            columns: columns
                .into_iter()
                .map(|mut row| Found {
                    name: row.take(0).unwrap_or_default(),
                    sql_type: row.take(1).unwrap_or_default(),
                    is_nullable: row.take(2).as_deref() == Some("1"),
                    is_generated: row.take(3).as_deref() == Some("1"),
                })
                .collect(),
            indexes: indexes
                .into_iter()
                .map(|mut row| FoundIndex {
                    name: row.take(0).unwrap_or_default(),
                    is_unique: row.take(1).as_deref() == Some("1"),
                    is_primary: row.take(2).as_deref() == Some("1"),
                    columns: row
                        .take(3)
                        .unwrap_or_default()
                        .split(',')
                        .map(ToOwned::to_owned)
                        .collect(),
                    condition: row.take(4).unwrap_or_default(),
                })
                .collect(),
            triggers: triggers.into_iter().filter_map(|mut row| row.take(0)).collect(),
        })
    }

    /// Whether everything that the model names is there, so that its rows can be looked at.
    pub(super) fn is_complete(&self) -> bool {
        self.model
            .named_columns()
            .all(|column| self.column(column).is_some())
    }

    fn column(&self, column: &Column) -> Option<&Found> {
        // SQLite and MySQL do not tell `Deleted_At` from `deleted_at`; a table with both would be odd anywhere.
        self.columns
            .iter()
            .find(|found| found.name.eq_ignore_ascii_case(column.name()))
    }
}

/// Compares the table with the model.
pub(super) fn examine(table: &Table, findings: &mut Findings) {
    examine_columns(table, findings);
    examine_flag(table, findings);
    if table.is_complete() {
        examine_indexes(table, findings);
        examine_guards(table, findings);
    }
}

fn examine_columns(table: &Table, findings: &mut Findings) {
    let model = table.model;
    if table.columns.is_empty() {
        let remedy = "create it, or correct the model's `table_name`".to_owned();
        findings.of(
            model,
            Severity::Error,
            Check::Columns,
            "the table does not exist".to_owned(),
            remedy,
        );
        return;
    }
    let syntax = findings.database.syntax();
    let quoted = syntax.quoted_table(model);
    for column in model.named_columns() {
        let name = syntax.quoted(column.name());
        let kind = syntax.column_type(column.kind());
        let Some(found) = table.column(column) else {
            let rule = if is_flag(model, column) {
                format!(" NOT NULL DEFAULT {}", model.flag.active)
            } else {
                String::new()
            };
            findings.of(
                model,
                Severity::Error,
                Check::Columns,
                format!("there is no column {}", column.name()),
                format!("ALTER TABLE {quoted} ADD COLUMN {name} {kind}{rule};"),
            );
            continue;
        };
        let is_key = model.key.iter().any(|key| key.name() == column.name());
        if !is_key && found.is_generated && !(is_flag(model, column) && model.flag.is_generated) {
            findings.of(
                model,
                Severity::Error,
                Check::ColumnTypes,
                format!(
                    "{} is generated: the database refuses to write it, so that nothing can be deleted or restored",
                    column.name()
                ),
                "take the column out of the model, or make it an ordinary one".to_owned(),
            );
        }
        if !is_key && !is_flag(model, column) && !found.is_nullable {
            findings.of(
                model,
                Severity::Error,
                Check::ColumnTypes,
                format!("{} cannot be NULL, and is in an active row", column.name()),
                match findings.database {
                    Database::Postgres => format!("ALTER TABLE {quoted} ALTER COLUMN {name} DROP NOT NULL;"),
                    Database::Mysql => format!("ALTER TABLE {quoted} MODIFY {name} {kind} NULL;"),
                    Database::Sqlite => {
                        "make the table anew with a nullable column: SQLite cannot change it".to_owned()
                    }
                },
            );
        }
        if let Some(wrong) = wrong_type(findings.database, column, &found.sql_type) {
            let remedy = match findings.database {
                Database::Postgres => format!("ALTER TABLE {quoted} ALTER COLUMN {name} TYPE {kind};"),
                Database::Mysql => format!("ALTER TABLE {quoted} MODIFY {name} {kind} NULL;"),
                Database::Sqlite => format!("declare it {kind}"),
            };
            let evidence = format!("{} is {}, {wrong}", column.name(), found.sql_type);
            findings.of(model, Severity::Warning, Check::ColumnTypes, evidence, remedy);
        }
    }
}

/// Finds columns that are read and written in the time zone of the session, which is not UTC.
pub(super) fn examine_zone(table: &Table, zone: &str, findings: &mut Findings) {
    let model = table.model;
    for column in std::iter::once(&model.deleted_at).chain(&model.purge_after) {
        let is_zoned = |found: &&Found| found.sql_type.to_ascii_lowercase().starts_with("timestamp");
        let Some(found) = table.column(column).filter(is_zoned) else {
            continue;
        };
        findings.of(
            model,
            Severity::Error,
            Check::TimeZone,
            format!(
                "{} is {}, and this session's time zone is {zone}: what is written and listed here is hours away from what other sessions see",
                found.name, found.sql_type
            ),
            "SET time_zone = '+00:00' on every connection, or make the column DATETIME(6)".to_owned(),
        );
    }
}

fn is_flag(model: &Descriptor, column: &Column) -> bool {
    model
        .is_deleted
        .as_ref()
        .is_some_and(|flag| flag.name() == column.name())
}

// A flag that nobody keeps in step: rows that it calls active are removed, and restored ones stay hidden.
fn examine_flag(table: &Table, findings: &mut Findings) {
    let model = table.model;
    let mut columns = table.columns.iter();
    let flag = columns.find(|found| found.name.eq_ignore_ascii_case("is_deleted"));
    if let (Some(found), None) = (flag.filter(|found| !found.is_generated), &model.is_deleted) {
        findings.of(
            model,
            Severity::Warning,
            Check::Flags,
            format!(
                "the model does not name {} ({}): it is not kept in step, and rows that it calls active are removed",
                found.name, found.sql_type
            ),
            format!("give {} the role is_deleted, if its type can be one, or drop it", found.name),
        );
    }
}

// What a type makes of the values that are written into it.
fn wrong_type(database: Database, column: &Column, sql_type: &str) -> Option<&'static str> {
    let sql_type = sql_type.to_ascii_lowercase();
    match (database, column.kind()) {
        (Database::Mysql, ColumnKind::Timestamp | ColumnKind::ZonedTimestamp)
            if !sql_type.contains("(6)") =>
        {
            Some("which rounds to less than a microsecond, up to half a second into the future")
        }
        (Database::Postgres, ColumnKind::Timestamp) if sql_type.contains("with time zone") => {
            Some("which the model takes for a time without a zone")
        }
        (Database::Postgres, ColumnKind::ZonedTimestamp) if !sql_type.contains("with time zone") => {
            Some("which the model takes for a time with a zone")
        }
        (Database::Mysql, ColumnKind::Text) if sql_type == "tinytext" => {
            Some("which cuts or refuses long texts")
        }
        _ => None,
    }
}

fn examine_indexes(table: &Table, findings: &mut Findings) {
    let model = table.model;
    let syntax = findings.database.syntax();
    let deleted_at = model.deleted_at.name();
    let wanted = indexes(model);
    let mut indexes = table.indexes.iter();
    if !indexes.any(|index| {
        index
            .columns
            .first()
            .is_some_and(|first| first.eq_ignore_ascii_case(deleted_at))
    }) {
        let remedy = wanted
            .first()
            .map(|index| syntax.create_index(model, index))
            .unwrap_or_default();
        let evidence = format!("no index begins with {deleted_at}: lists and cleanups read the whole table");
        findings.of(model, Severity::Warning, Check::DeletedIndex, evidence, remedy);
    }
    let mentions = |index: &FoundIndex, word: &str| {
        index.condition.contains(word) || index.columns.iter().any(|column| column == word)
    };
    let flag = model.is_deleted.as_ref();
    let holds_among_active = |index: &FoundIndex| {
        mentions(index, deleted_at)
            || mentions(index, "soft_delete_active")
            || flag.is_some_and(|flag| mentions(index, flag.name()))
    };
    for index in table
        .indexes
        .iter()
        .filter(|index| index.is_unique && !index.is_primary)
    {
        let is_key = model
            .key
            .iter()
            .all(|key| index.columns.iter().any(|column| column == key.name()));
        if is_key || holds_among_active(index) {
            continue;
        }
        let columns = index.columns.join(", ");
        findings.of(
            model,
            Severity::Warning,
            Check::UniqueKeys,
            format!(
                "{} keeps ({columns}) of deleted rows from being used again",
                index.name
            ),
            format!(
                "declare `unique({columns})`, run what `sql_for_table` writes for it, and drop {}",
                index.name
            ),
        );
    }
    for (columns, index) in model.unique.iter().zip(wanted.iter().skip(1)) {
        let is_there = |found: &FoundIndex| {
            found.is_unique
                && holds_among_active(found)
                && columns.iter().all(|column| found.columns.contains(column))
        };
        if !table.indexes.iter().any(is_there) {
            let active = syntax
                .active_column(model)
                .map(|(add, _)| add + " ")
                .unwrap_or_default();
            findings.of(
                model,
                Severity::Warning,
                Check::UniqueKeys,
                format!("nothing keeps ({}) unique among active rows", columns.join(", ")),
                active + &syntax.create_index(model, index),
            );
        }
    }
}

fn examine_guards(table: &Table, findings: &mut Findings) {
    let model = table.model;
    let guard = findings.database.guards().against_deletion(model);
    let made_by = |trigger: &String| {
        guard
            .up
            .iter()
            .any(|statement| statement.contains(trigger.as_str()))
    };
    if !table.triggers.iter().any(made_by) {
        findings.of(
            model,
            Severity::Advice,
            Check::Guards,
            "the database lets a raw DELETE remove active rows".to_owned(),
            format!(
                "run what `guards_for_table(database, {}::descriptor())` writes",
                model.table.name()
            ),
        );
    }
}

/// Whether the database itself keeps what is removed.
pub(super) async fn examine_history<E: Executor>(
    executor: &mut E,
    model: &'static Descriptor,
    findings: &mut Findings,
) -> Result<()> {
    let about = AboutTable::new(&model.table, AskedOf::History);
    if !executor.rows(&about).await?.is_empty() {
        let table = findings.database.syntax().quoted_table(model);
        findings.of(
            model,
            Severity::Warning,
            Check::History,
            "the table is system-versioned: rows that a cleanup or a force delete removes stay in its history".to_owned(),
            format!("DELETE HISTORY FROM {table} BEFORE SYSTEM_TIME NOW(6);"),
        );
    }
    Ok(())
}

/// Owned rows that cannot tell whose they are.
pub(super) fn note_ambiguous(model: &Descriptor, error: Error, findings: &mut Findings) -> Result<()> {
    let Error::AmbiguousOwner { .. } = &error else {
        return Err(error);
    };
    let remedy = "say whose rows they are, as described there".to_owned();
    findings.of(
        model,
        Severity::Error,
        Check::Relations,
        error.to_string(),
        remedy,
    );
    Ok(())
}

/// What the database would do by itself when a row of the model is removed.
pub(super) fn examine_keys(
    facts: &SchemaFacts,
    registry: &Registry,
    model: &'static Descriptor,
    findings: &mut Findings,
) {
    let (keys, dangers) = foreign_keys::examined(facts, registry, model);
    let mut refused = Vec::new();
    for error in dangers {
        if let Error::DangerousForeignKey { constraint, .. } = &error {
            refused.push(constraint.clone());
        }
        let (check, remedy) = match &error {
            Error::DangerousForeignKey { .. } => (
                Check::ForeignKeys,
                "declare `owns(..)` or `cascade(..)`, or make the foreign key NO ACTION".to_owned(),
            ),
            Error::DangerousTable { help, .. } => (Check::Reactions, help.clone()),
            _ => (
                Check::Relations,
                "declare the columns that the foreign key refers to, or take the relation out".to_owned(),
            ),
        };
        findings.of(model, Severity::Error, check, error.to_string(), remedy);
    }
    for key in keys.iter().filter(|key| !refused.contains(&key.constraint)) {
        if let Rule::Changes(rule) = &key.rule {
            findings.of(
                model,
                Severity::Advice,
                Check::ForeignKeys,
                format!(
                    "{} of {} is ON DELETE {rule}: a row that is removed by hand takes those with it",
                    key.constraint, key.child
                ),
                "make the foreign key NO ACTION; the library removes children first".to_owned(),
            );
        }
    }
}
