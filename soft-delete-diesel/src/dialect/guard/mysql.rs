//! MySQL and MariaDB: a trigger for each kind of act, of one compound statement.

use super::{Belonging, Guard, Guards, about_change, about_deletion, about_orphans};
use crate::{Descriptor, TableName, dialect::Syntax, dialect::mysql::Mysql};

impl Guards for Mysql {
    fn against_deletion(&self, model: &Descriptor) -> Guard {
        let deleted_at = self.quoted(model.deleted_at.name());
        let refuse = self.refuse(&about_deletion(model));
        let mut guard = Guard::default();
        self.add(
            &mut guard,
            &model.table,
            &format!("{}_delete_guard", model.table.name()),
            "DELETE",
            &format!("IF OLD.{deleted_at} IS NULL THEN {refuse}; END IF"),
        );
        guard
    }

    fn against_change(&self, table: &str) -> Guard {
        let refuse = self.refuse(&about_change(table));
        let mut guard = Guard::default();
        for act in ["update", "delete"] {
            let name = format!("{table}_{act}_guard");
            self.add(
                &mut guard,
                &TableName::new(table),
                &name,
                &act.to_uppercase(),
                &refuse,
            );
        }
        guard
    }

    fn against_orphans(&self, belonging: &Belonging<'_>) -> Guard {
        let Belonging { child, parent, .. } = belonging;
        let active = format!("NEW.{} IS NULL", self.quoted(child.deleted_at.name()));
        // The latest row and not that of the snapshot, and nobody may delete it before the child is there. By its key
        // alone: with the mark in the condition InnoDB might lock the index on deleted rows first.
        let refuse_under_deleted = format!(
            "IF (SELECT parent.{} IS NOT NULL FROM {} AS parent WHERE {} LOCK IN SHARE MODE) THEN {}; END IF",
            self.quoted(parent.deleted_at.name()),
            self.quoted_table(parent),
            belonging.parent_is_new(self),
            self.refuse(&about_orphans(parent)),
        );
        let new_there = belonging.is_new_there(self, |old, new| format!("NOT ({old} <=> {new})"));
        let mut guard = Guard::default();
        for (act, condition) in [
            ("insert", active.clone()),
            ("update", format!("{active} AND ({new_there})")),
        ] {
            let body = format!("IF {condition} THEN {refuse_under_deleted}; END IF");
            let name = belonging.named(&format!("{act}_guard"));
            self.add(&mut guard, &child.table, &name, &act.to_uppercase(), &body);
        }
        guard
    }

    fn text_literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    }
}

impl Mysql {
    fn add(&self, guard: &mut Guard, table: &TableName, name: &str, act: &str, body: &str) {
        let name = self.quoted_name(table, name);
        let table = self.own_table(table);
        guard.up.push(format!(
            "CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW {body};"
        ));
        guard.down.push(format!("DROP TRIGGER IF EXISTS {name};"));
    }

    // The number is that of a violated CHECK.
    fn refuse(&self, message: &str) -> String {
        let message = self.text_literal(message);
        format!("SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 3819, MESSAGE_TEXT = {message}")
    }
}
