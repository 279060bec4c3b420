//! Guards in the database, for those who go around the library.

use super::{TableSql, table_sql::lines};
use crate::{
    Column, Database, Descriptor, RelationKind,
    dialect::{Belonging, Guard},
};

/// The SQL of a trigger that refuses a raw `DELETE` of an active row, of the view `active_<table>` for reports, and of the
/// triggers that refuse a new active child under a deleted row, for each child that the model declares with `cascade(..)`.
///
/// Those on the children are what [`guards_for_relation`] makes; the children's tables must be there first. A deleted row can still be deleted, so cleanup works. What a trigger does not see: `TRUNCATE`, and on MySQL and MariaDB
/// rows that a foreign key removes; on SQLite `REPLACE`, unless `PRAGMA recursive_triggers` is on. The view has the columns
/// that the table has now (on SQLite those that it has when it is asked); take `down` before a column is dropped.
///
/// ```
/// use soft_delete_diesel::{Column, ColumnKind, Database, Descriptor, TableName, migrations::guards_for_table};
/// let leads = Descriptor::new(TableName::new("leads"), Column::new("deleted_at", ColumnKind::Timestamp));
/// let sql = guards_for_table(Database::Sqlite, &leads);
/// assert_eq!(sql.up, concat!(
///     "CREATE TRIGGER \"leads_delete_guard\" BEFORE DELETE ON \"leads\" WHEN OLD.\"deleted_at\" IS NULL BEGIN ",
///     "SELECT RAISE(ABORT, 'an active row of leads cannot be deleted: soft-delete it first'); END;\n",
///     "CREATE VIEW \"active_leads\" AS SELECT * FROM \"leads\" WHERE \"deleted_at\" IS NULL;\n",
/// ));
/// ```
pub fn guards_for_table(database: Database, model: &Descriptor) -> TableSql {
    let guards = database.guards();
    let cascades = model
        .relations()
        .iter()
        .filter(|relation| relation.kind() == RelationKind::Cascade);
    let orphans = cascades.filter_map(|relation| {
        let foreign_key: Vec<&str> = relation.foreign_key().iter().map(String::as_str).collect();
        Some(guards.against_orphans(&Belonging {
            child: relation.child()?,
            parent: model,
            foreign_key: &foreign_key,
            referred: &relation.parent_columns(model),
        }))
    });
    let own = [guards.against_deletion(model), guards.active_view(model)];
    sql(own.into_iter().chain(orphans))
}

/// The SQL of triggers that refuse a new active child under a deleted parent: one that is inserted, and one whose foreign key
/// is changed to it.
///
/// A child that is active under a deleted parent already may be changed otherwise, and a mark that is taken away is not
/// looked at: the library's own restore looks itself, and brings children back before their parents.
///
/// On PostgreSQL (`FOR SHARE`), MySQL and MariaDB (`LOCK IN SHARE MODE`) the trigger holds the parent until the transaction
/// ends, and waits for one that is just being deleted: whoever inserts needs the right to lock it, which on PostgreSQL is
/// `UPDATE`. SQLite has one writer.
///
/// # Panics
/// When the foreign key has more or fewer columns than the parent's key.
///
/// ```
/// use soft_delete_diesel::{Column, ColumnKind, Database, Descriptor, TableName, migrations::guards_for_relation};
/// let table = |name| Descriptor::new(TableName::new(name), Column::new("deleted_at", ColumnKind::Timestamp))
///     .key(Column::new("id", ColumnKind::BigInt));
/// let sql = guards_for_relation(Database::Mysql, &table("callbacks"), &table("leads"), &["lead_id"]);
/// assert!(sql.up.starts_with("CREATE TRIGGER `callbacks_lead_id_insert_guard` BEFORE INSERT ON `callbacks`"));
/// assert!(sql.down.starts_with("DROP TRIGGER IF EXISTS `callbacks_lead_id_update_guard`;"));
/// ```
pub fn guards_for_relation(
    database: Database,
    child: &Descriptor,
    parent: &Descriptor,
    foreign_key: &[&str],
) -> TableSql {
    assert_eq!(
        foreign_key.len(),
        parent.key.len(),
        "{} must name as many columns as the key of {} has",
        child.name,
        parent.name,
    );
    let referred: Vec<&str> = parent.key.iter().map(Column::name).collect();
    let belonging = Belonging {
        child,
        parent,
        foreign_key,
        referred: &referred,
    };
    sql([database.guards().against_orphans(&belonging)])
}

/// The SQL of triggers that make the audit table append-only: they refuse `UPDATE` and `DELETE`, on PostgreSQL `TRUNCATE`
/// too.
///
/// ```
/// use soft_delete_diesel::{Database, migrations::audit_guards};
/// assert!(audit_guards(Database::Postgres).up.contains("BEFORE UPDATE OR DELETE OR TRUNCATE ON \"soft_delete_audit\""));
/// ```
pub fn audit_guards(database: Database) -> TableSql {
    sql([database.guards().against_change("soft_delete_audit")])
}

// Down undoes up from its end.
fn sql(guards: impl IntoIterator<Item = Guard>) -> TableSql {
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for guard in guards {
        up.extend(guard.up);
        down.extend(guard.down);
    }
    down.reverse();
    TableSql {
        up: lines(&up),
        down: lines(&down),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, ColumnKind, TableName};

    fn model(name: &str) -> Descriptor {
        Descriptor::new(
            TableName::new(name).in_schema("crm"),
            Column::new("deleted_at", ColumnKind::Timestamp),
        )
        .key(Column::new("tenant", ColumnKind::BigInt))
        .key(Column::new("id", ColumnKind::BigInt))
    }

    #[test]
    fn every_statement_is_one_line_and_is_taken_back() {
        let (child, parent) = (model("callbacks"), model("leads"));
        for database in [Database::Sqlite, Database::Postgres, Database::Mysql] {
            for sql in [
                guards_for_table(database, &child),
                guards_for_relation(database, &child, &parent, &["tenant", "lead_id"]),
                audit_guards(database),
            ] {
                let made = sql
                    .up
                    .lines()
                    .all(|line| line.starts_with("CREATE ") && line.ends_with(';'));
                let dropped = sql
                    .down
                    .lines()
                    .all(|line| line.starts_with("DROP ") && line.contains(" IF EXISTS "));
                assert!(made && dropped, "{database:?}: {sql:?}");
                assert_eq!(sql.up.lines().count(), sql.down.lines().count());
            }
        }
    }

    #[test]
    fn composite_keys_are_compared_part_by_part() {
        let sql = guards_for_relation(
            Database::Postgres,
            &model("callbacks"),
            &model("leads"),
            &["t", "lead"],
        );
        assert!(
            sql.up
                .contains("WHERE parent.\"tenant\" = NEW.\"t\" AND parent.\"id\" = NEW.\"lead\" FOR SHARE"),
            "{}",
            sql.up
        );
    }

    #[test]
    #[should_panic(expected = "as many columns as the key of crm.leads")]
    fn a_foreign_key_of_another_length_is_refused() {
        let _ = guards_for_relation(
            Database::Sqlite,
            &model("callbacks"),
            &model("leads"),
            &["lead_id"],
        );
    }

    #[test]
    fn messages_fit_into_what_mysql_can_say() {
        let (child, parent) = (model(&"c".repeat(64)), model(&"p".repeat(64)));
        for sql in [
            guards_for_table(Database::Mysql, &child),
            guards_for_relation(Database::Mysql, &child, &parent, &["a", "b"]),
            audit_guards(Database::Mysql),
        ] {
            for (_, message) in sql
                .up
                .lines()
                .filter_map(|line| line.split_once("MESSAGE_TEXT = '"))
            {
                let message = message.split('\'').next().unwrap_or_default();
                assert!(message.chars().count() <= 128, "{message}");
            }
        }
    }
}
