//! What a database refuses by itself, for the sake of those who go around the library.

mod mysql;
mod postgres;
mod sqlite;

use super::{Syntax, name::short_name};
use crate::{Descriptor, TableName};

/// Statements that put something into a database, and those that take it away, whether it is there or not.
#[derive(Default)]
pub(crate) struct Guard {
    pub(crate) up: Vec<String>,
    pub(crate) down: Vec<String>,
}

/// Rows of one model that belong to rows of another.
pub(crate) struct Belonging<'a> {
    pub(crate) child: &'a Descriptor,
    pub(crate) parent: &'a Descriptor,
    /// The child's columns that refer to the parent.
    pub(crate) foreign_key: &'a [&'a str],
    /// The parent's columns that they refer to, in their order.
    pub(crate) referred: &'a [&'a str],
}

/// How one database spells its guards.
///
/// Every statement stands on one line, so that what splits a file at the ends of lines splits none of them. Refusals count
/// as check violations where a trigger can say so: an error that no repetition mends.
pub(crate) trait Guards: Syntax {
    /// Refuses to remove an active row.
    fn against_deletion(&self, model: &Descriptor) -> Guard;

    /// Refuses to change or remove what stands in a table of the library.
    fn against_change(&self, table: &str) -> Guard;

    /// Refuses an active child that is new under a deleted parent: inserted there, or moved there.
    fn against_orphans(&self, belonging: &Belonging<'_>) -> Guard;

    /// A view of the active rows.
    fn active_view(&self, model: &Descriptor) -> Guard {
        let name = self.quoted_name(&model.table, &format!("active_{}", model.table.name()));
        let (table, deleted_at) = (self.own_table(&model.table), self.quoted(model.deleted_at.name()));
        Guard {
            up: vec![format!(
                "CREATE VIEW {name} AS SELECT * FROM {table} WHERE {deleted_at} IS NULL;"
            )],
            down: vec![format!("DROP VIEW IF EXISTS {name};")],
        }
    }

    /// A table as its own triggers and views name it.
    fn own_table(&self, table: &TableName) -> String {
        self.beside(table, table.name())
    }

    /// A name for something beside a table, no longer than every database takes.
    fn quoted_name(&self, table: &TableName, name: &str) -> String {
        self.beside(table, &short_name(name))
    }

    /// A name in this database's quotes, in the schema of a table.
    fn beside(&self, table: &TableName, name: &str) -> String {
        let schema = table.schema().map(|schema| self.quoted(schema) + ".");
        schema.unwrap_or_default() + &self.quoted(name)
    }

    /// A text in this database's quotes.
    fn text_literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }
}

// MySQL cuts what a trigger says at 128 characters, of which the name of a table may take 64.

fn about_deletion(model: &Descriptor) -> String {
    let table = model.table.name();
    format!("an active row of {table} cannot be deleted: soft-delete it first")
}

fn about_change(table: &str) -> String {
    format!("{table} is append-only: to change what it tells, drop its guards first")
}

fn about_orphans(parent: &Descriptor) -> String {
    let table = parent.table.name();
    format!("the parent in {table} is deleted: restore it first, or take another")
}

impl Belonging<'_> {
    /// A name for what guards it.
    fn named(&self, end: &str) -> String {
        format!("{}_{}_{end}", self.child.table.name(), self.foreign_key.join("_"))
    }

    /// `parent.id = NEW.lead_id`
    fn parent_is_new(&self, syntax: &dyn Guards) -> String {
        let parts = self.referred.iter().zip(self.foreign_key);
        let parts = parts.map(|(referred, foreign)| {
            format!(
                "parent.{} = NEW.{}",
                syntax.quoted(referred),
                syntax.quoted(foreign)
            )
        });
        parts.collect::<Vec<_>>().join(" AND ")
    }

    /// `OLD.lead_id <differs from> NEW.lead_id`
    fn is_new_there(&self, syntax: &dyn Guards, differs: fn(&str, &str) -> String) -> String {
        let moved = self.foreign_key.iter().map(|column| {
            let column = syntax.quoted(column);
            differs(&format!("OLD.{column}"), &format!("NEW.{column}"))
        });
        moved.collect::<Vec<_>>().join(" OR ")
    }

    /// The columns whose change may bring an active child under a deleted parent. Not the mark itself: a restore brings
    /// children back before their parents, in one transaction.
    fn watched(&self, syntax: &dyn Guards) -> String {
        let columns = self.foreign_key.iter().map(|column| syntax.quoted(column));
        columns.collect::<Vec<_>>().join(", ")
    }
}
