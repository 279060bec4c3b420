//! PostgreSQL: a trigger calls a function of its own.

use super::{Belonging, Guard, Guards, about_change, about_deletion, about_orphans};
use crate::{Descriptor, TableName, dialect::Syntax, dialect::postgres::Postgres};

impl Guards for Postgres {
    fn against_deletion(&self, model: &Descriptor) -> Guard {
        let name = format!("{}_delete_guard", model.table.name());
        let deleted_at = self.quoted(model.deleted_at.name());
        let event = format!(
            "BEFORE DELETE ON {} FOR EACH ROW WHEN (OLD.{deleted_at} IS NULL)",
            self.quoted_table(model)
        );
        let body = format!("{};", self.refuse(&about_deletion(model)));
        self.guard(&model.table, &name, &body, &[(&name, &event)])
    }

    fn against_change(&self, table: &str) -> Guard {
        let name = format!("{table}_guard");
        let event = format!(
            "BEFORE UPDATE OR DELETE OR TRUNCATE ON {} FOR EACH STATEMENT",
            self.quoted(table)
        );
        let body = format!("{};", self.refuse(&about_change(table)));
        self.guard(&TableName::new(table), &name, &body, &[(&name, &event)])
    }

    fn against_orphans(&self, belonging: &Belonging<'_>) -> Guard {
        let Belonging { child, parent, .. } = belonging;
        let table = self.quoted_table(child);
        let active = format!("NEW.{} IS NULL", self.quoted(child.deleted_at.name()));
        // By its key alone: the row is locked first, which waits for whoever is deleting it, and looked at then.
        let body = format!(
            "IF (SELECT parent.{} IS NOT NULL FROM {} AS parent WHERE {} FOR SHARE) THEN {}; END IF; RETURN NULL;",
            self.quoted(parent.deleted_at.name()),
            self.quoted_table(parent),
            belonging.parent_is_new(self),
            self.refuse(&about_orphans(parent)),
        );
        let new_there = belonging.is_new_there(self, |old, new| format!("{old} IS DISTINCT FROM {new}"));
        let insert = format!("AFTER INSERT ON {table} FOR EACH ROW WHEN ({active})");
        let update = format!(
            "AFTER UPDATE OF {} ON {table} FOR EACH ROW WHEN ({active} AND ({new_there}))",
            belonging.watched(self)
        );
        self.guard(
            &child.table,
            &belonging.named("guard"),
            &body,
            &[
                (&belonging.named("insert_guard"), &insert),
                (&belonging.named("update_guard"), &update),
            ],
        )
    }
}

impl Postgres {
    fn guard(&self, table: &TableName, function: &str, body: &str, triggers: &[(&str, &str)]) -> Guard {
        let function = self.quoted_name(table, function);
        let quotes = dollar_quotes(body);
        let mut guard = Guard {
            up: vec![format!(
                "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {quotes} BEGIN {body} END {quotes};"
            )],
            down: vec![format!("DROP FUNCTION IF EXISTS {function}();")],
        };
        let table = self.own_table(table);
        for (name, event) in triggers {
            // A trigger is named within its table.
            let name = self.quoted_name(&TableName::new(""), name);
            guard.up.push(format!(
                "CREATE TRIGGER {name} {event} EXECUTE FUNCTION {function}();"
            ));
            guard
                .down
                .push(format!("DROP TRIGGER IF EXISTS {name} ON {table};"));
        }
        guard
    }

    // Not as the format of RAISE, in which a `%` of a name would be a place for something.
    fn refuse(&self, message: &str) -> String {
        let message = self.text_literal(message);
        format!("RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = {message}")
    }
}

// Quotes that do not end inside: a name may contain anything, dollars too.
fn dollar_quotes(body: &str) -> String {
    let mut tag = "guard".to_owned();
    while body.contains(&format!("${tag}$")) {
        tag.push('_');
    }
    format!("${tag}$")
}

#[cfg(test)]
mod tests {
    use super::dollar_quotes;

    #[test]
    fn names_with_dollars_do_not_end_a_function() {
        assert_eq!(dollar_quotes("RETURN NULL;"), "$guard$");
        assert_eq!(dollar_quotes("\"a$guard$; DROP TABLE leads\""), "$guard_$");
    }
}
