//! SQLite: a trigger and its table are in one schema, which only the trigger's name may carry.

use super::{Belonging, Guard, Guards, about_change, about_deletion, about_orphans};
use crate::{Descriptor, TableName, dialect::Syntax, dialect::sqlite::Sqlite};

impl Guards for Sqlite {
    fn against_deletion(&self, model: &Descriptor) -> Guard {
        let deleted_at = self.quoted(model.deleted_at.name());
        let mut guard = Guard::default();
        self.add(
            &mut guard,
            &model.table,
            &format!("{}_delete_guard", model.table.name()),
            "BEFORE DELETE",
            &format!(" WHEN OLD.{deleted_at} IS NULL"),
            &about_deletion(model),
        );
        guard
    }

    fn against_change(&self, table: &str) -> Guard {
        let quoted = self.quoted(table);
        // A REPLACE removes the old row without a word to the trigger of DELETE.
        let replaced = format!(" WHEN EXISTS (SELECT 1 FROM {quoted} WHERE id = NEW.id)");
        let mut guard = Guard::default();
        for (act, when) in [("update", ""), ("delete", ""), ("insert", replaced.as_str())] {
            self.add(
                &mut guard,
                &TableName::new(table),
                &format!("{table}_{act}_guard"),
                &format!("BEFORE {}", act.to_uppercase()),
                when,
                &about_change(table),
            );
        }
        guard
    }

    fn against_orphans(&self, belonging: &Belonging<'_>) -> Guard {
        let Belonging { child, parent, .. } = belonging;
        let active = format!("NEW.{} IS NULL", self.quoted(child.deleted_at.name()));
        let deleted_parent = format!(
            "EXISTS (SELECT 1 FROM {} AS parent WHERE {} AND parent.{} IS NOT NULL)",
            self.quoted(parent.table.name()),
            belonging.parent_is_new(self),
            self.quoted(parent.deleted_at.name()),
        );
        let new_there = belonging.is_new_there(self, |old, new| format!("{old} IS NOT {new}"));
        let update = format!("BEFORE UPDATE OF {}", belonging.watched(self));
        let mut guard = Guard::default();
        for (act, event, when) in [
            (
                "insert",
                "BEFORE INSERT",
                format!(" WHEN {active} AND {deleted_parent}"),
            ),
            (
                "update",
                &update,
                format!(" WHEN {active} AND ({new_there}) AND {deleted_parent}"),
            ),
        ] {
            let name = belonging.named(&format!("{act}_guard"));
            self.add(
                &mut guard,
                &child.table,
                &name,
                event,
                &when,
                &about_orphans(parent),
            );
        }
        guard
    }

    fn own_table(&self, table: &TableName) -> String {
        self.quoted(table.name())
    }
}

impl Sqlite {
    fn add(&self, guard: &mut Guard, table: &TableName, name: &str, event: &str, when: &str, message: &str) {
        let (name, message) = (self.quoted_name(table, name), self.text_literal(message));
        let table = self.own_table(table);
        guard.up.push(format!(
            "CREATE TRIGGER {name} {event} ON {table}{when} BEGIN SELECT RAISE(ABORT, {message}); END;"
        ));
        guard.down.push(format!("DROP TRIGGER IF EXISTS {name};"));
    }
}
