//! Reading from the catalog what the database does by itself with a write.
//!
//! Facts are read in the transaction, or at the beginning of the run, that they are for, and never outlive it.

use super::database;
use crate::{
    Database, Result, TableName,
    executor::Executor,
    foreign_key::{ForeignKey, HiddenRows, Rule},
    schema_facts::{Hidden, Reaction, ReactionKind, RelationKind, SchemaFacts, TableFacts},
    statement::{ChooseFacts, ReadFacts, TextRow},
};

/// The schema facts of these tables, by one statement; by two on MySQL and MariaDB, where the first asks what this user may see.
pub(super) async fn read<E: Executor>(executor: &mut E, tables: Vec<TableName>) -> Result<SchemaFacts> {
    let database = database(executor).await?;
    let rows = ask(executor, database, &tables).await?;
    let mut facts = SchemaFacts {
        are_keys_enforced: true,
        tables: tables.into_iter().map(TableFacts::unknown).collect(),
    };
    let mut parts = Vec::new();
    for mut row in rows {
        let place: usize = row
            .take(0)
            .and_then(|place| place.parse().ok())
            .unwrap_or_default();
        let what = row.take(1).unwrap_or_default();
        if what == "enforced" {
            facts.are_keys_enforced = row.take(2).as_deref() != Some("0");
            continue;
        }
        let Some(table) = facts.tables.get_mut(place) else {
            continue;
        };
        match what.as_str() {
            "table" => note_table(table, row),
            "key" => parts.push(KeyPart::read(place, row)),
            "rule" => table.on_delete.push(Reaction {
                name: row.take(2).unwrap_or_default(),
                kind: ReactionKind::Rule,
            }),
            "trigger" => note_trigger(table, row, database),
            _ => table.hidden.push(Hidden {
                what: row.take(2).unwrap_or_default(),
                right: row.take(3).unwrap_or_default(),
            }),
        }
    }
    parts.sort_by(|a, b| a.order().cmp(&b.order()));
    let mut last = None;
    for part in parts {
        let enforced = facts.are_keys_enforced;
        let Some(table) = facts.tables.get_mut(part.table) else {
            continue;
        };
        let key = part.key();
        match table
            .foreign_keys
            .last_mut()
            .filter(|_| last.as_ref() == Some(&key))
        {
            Some(known) => {
                known.columns.push(part.column);
                known.parent_columns.push(part.parent_column);
            }
            None => table.foreign_keys.push(part.into_foreign_key(database, enforced)),
        }
        last = Some(key);
    }
    Ok(facts)
}

async fn ask<E: Executor>(
    executor: &mut E,
    database: Database,
    tables: &[TableName],
) -> Result<Vec<TextRow>> {
    let mut question = 0;
    if database.facts().choice().is_some() {
        let row = executor.rows(&ChooseFacts).await?.pop();
        let number = row
            .and_then(|mut row| row.take(0))
            .and_then(|number| number.parse().ok());
        // What is not understood is asked in the form that needs the least rights.
        question = number.unwrap_or(usize::MAX);
    }
    Ok(executor.rows(&ReadFacts::new(tables, question)).await?)
}

fn note_table(table: &mut TableFacts, mut row: TextRow) {
    let (schema, name) = (row.take(2), row.take(3).unwrap_or_default());
    table.canonical = Some(named(schema, name));
    table.kind = match row.take(4).as_deref() {
        Some("view") => RelationKind::View,
        Some("foreign") => RelationKind::Foreign,
        _ => RelationKind::Table,
    };
    table.engine_without_transactions = row.take(5);
    table.has_policy = row.take(6).as_deref() == Some("1");
}

fn note_trigger(table: &mut TableFacts, mut row: TextRow, database: Database) {
    let name = row.take(2).unwrap_or_default();
    let body = match row.take(3) {
        Some(definition) => match database.facts().body_on_delete(definition) {
            None => return,
            body => body,
        },
        None => None,
    };
    let reaction = Reaction {
        name,
        kind: ReactionKind::Trigger { body },
    };
    // A trigger of a partitioned table is there once more for each partition.
    if !table.on_delete.contains(&reaction) {
        table.on_delete.push(reaction);
    }
}

fn named(schema: Option<String>, name: String) -> TableName {
    match schema {
        Some(schema) => TableName::new(name).in_schema(schema),
        None => TableName::new(name),
    }
}

// One column of a foreign key.
struct KeyPart {
    table: usize,
    constraint: String,
    child_schema: Option<String>,
    child: String,
    column: String,
    parent_column: String,
    rule: String,
    marks: String,
    place: u32,
    identity: String,
    canonical_schema: Option<String>,
}

impl KeyPart {
    fn read(table: usize, mut row: TextRow) -> Self {
        let mut field = |index| row.take(index);
        Self {
            table,
            constraint: field(2).unwrap_or_default(),
            child_schema: field(3),
            child: field(4).unwrap_or_default(),
            column: field(5).unwrap_or_default(),
            parent_column: field(6).unwrap_or_default(),
            rule: field(7).unwrap_or_default(),
            marks: field(8).unwrap_or_default(),
            place: field(9).and_then(|place| place.parse().ok()).unwrap_or_default(),
            identity: field(10).unwrap_or_default(),
            canonical_schema: field(11),
        }
    }

    fn order(&self) -> (usize, &str, Option<&str>, &str, &str, u32) {
        let schema = self.canonical_schema.as_deref();
        (
            self.table,
            &self.child,
            schema,
            &self.constraint,
            &self.identity,
            self.place,
        )
    }

    // What the parts of one key have in common.
    fn key(&self) -> (usize, String, Option<String>, String, String) {
        let (child, schema) = (self.child.clone(), self.canonical_schema.clone());
        (
            self.table,
            child,
            schema,
            self.constraint.clone(),
            self.identity.clone(),
        )
    }

    fn into_foreign_key(self, database: Database, enforced: bool) -> ForeignKey {
        let child = named(self.child_schema, self.child);
        // SQLite takes names in other letters for the same.
        let canonical_name = match database {
            Database::Sqlite => child.name().to_ascii_lowercase(),
            _ => child.name().to_owned(),
        };
        let marks = self.marks;
        let has_mark = |mark: &str| marks.split(',').any(|own| own == mark);
        ForeignKey {
            constraint: self.constraint,
            child,
            canonical_child: named(self.canonical_schema, canonical_name),
            columns: vec![self.column],
            parent_columns: vec![self.parent_column],
            rule: match self.rule.as_str() {
                "RESTRICT" | "NO ACTION" if enforced => Rule::Refuses,
                "RESTRICT" | "NO ACTION" => Rule::Ignores,
                _ => Rule::Changes(self.rule.clone()),
            },
            is_deferred: has_mark("deferred"),
            is_partial: has_mark("partial"),
            hidden_rows: if has_mark("no right") {
                Some(HiddenRows::NoRight)
            } else {
                has_mark("policy").then_some(HiddenRows::Policy)
            },
            is_indirect: has_mark("indirect"),
        }
    }
}
