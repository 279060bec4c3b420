//! One table under each of its names: with its schema and without, whatever the search path.

#[cfg(feature = "servers")]
use diesel::{connection::SimpleConnection, prelude::*};
use soft_delete::{
    Actor, Check, Cleanup, Column, ColumnKind, Database, Descriptor, Dialect, Error, Registry, TableName,
    doctor, undo,
};

use crate::support::database::TestDatabase;

fn registry(database: Database, table: TableName) -> Registry {
    let id = match database {
        Database::Postgres => ColumnKind::Uuid,
        _ => ColumnKind::Text,
    };
    let model = Descriptor::new(table, Column::new("deleted_at", ColumnKind::Timestamp))
        .key(Column::new("id", ColumnKind::BigInt))
        .deletion_id(Column::new("deletion_id", id));
    Registry::new().with_table(model)
}

fn table(database: Database, name: &str) -> String {
    let (time, id) = match database {
        Database::Postgres => ("TIMESTAMP", "UUID"),
        Database::Mysql => ("DATETIME(6)", "CHAR(36)"),
        _ => ("TIMESTAMP", "TEXT"),
    };
    format!(
        "CREATE TABLE {name} (id BIGINT PRIMARY KEY, deleted_at {time} NULL, deletion_id {id} NULL); INSERT INTO {name} (id) VALUES (1), (2)"
    )
}

/// Two who name one table in different ways: what either does counts for the other.
fn agree<A, B>(database: Database, (a, a_name): (&mut A, TableName), (b, b_name): (&mut B, TableName))
where
    A: diesel::connection::LoadConnection<Backend: Dialect>,
    B: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let what = format!("{a_name} and {b_name}");
    let (ours, theirs) = (
        registry(database, a_name.clone()),
        registry(database, b_name.clone()),
    );
    let our_rows = ours.records(&a_name.to_string()).expect("ours");
    let their_rows = theirs.records(&b_name.to_string()).expect("theirs");
    let who = || Actor::new("ann").because("a case");
    let operation = our_rows.soft_delete(a, &["1"], who()).expect(&what);

    // A hold on a row, and then on the whole.
    our_rows.hold(a, "1", who()).expect(&what);
    let held = their_rows.force_delete(b, &["1"], who());
    assert!(matches!(held, Err(Error::Held { .. })), "{what}: {held:?}");
    for dry_run in [true, false] {
        let report = Cleanup::new(&theirs)
            .retention(soft_delete::Retention::Immediate)
            .dry_run(dry_run)
            .trust_clock(true)
            .run(b)
            .expect(&what);
        let model = &report.models[0];
        assert_eq!((model.purged, model.held), (0, 1), "{what}, dry run: {dry_run}");
    }
    assert_eq!(their_rows.holds(b, "1").expect(&what).len(), 1, "{what}");
    assert_eq!(their_rows.release(b, "1", who()).expect(&what), 1, "{what}");
    our_rows.hold_all(a, who()).expect(&what);
    let held = their_rows.force_delete(b, &["1"], who());
    assert!(matches!(held, Err(Error::Held { .. })), "{what}: {held:?}");
    assert_eq!(their_rows.release_all(b, who()).expect(&what), 1, "{what}");

    // What was done, and taking it back.
    let (acts, same) = (
        our_rows.history(a, "1").expect(&what),
        their_rows.history(b, "1").expect(&what),
    );
    assert_eq!(acts, same, "{what}");
    assert!(!acts.is_empty(), "{what}");
    let undone = undo(b, &theirs, operation.id, who()).expect(&what);
    assert_eq!(undone.rows(), 1, "{what}");
    let findings = doctor(b, &theirs).expect(&what);
    assert!(
        findings.iter().all(|finding| finding.check != Check::Holds),
        "{what}"
    );
}

#[test]
fn on_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.sql(&table(Database::Sqlite, "leads"));
    let conn = || crate::support::database::sqlite(db.url());
    let names = || {
        [
            TableName::new("leads"),
            TableName::new("leads").in_schema("main"),
            TableName::new("Leads"),
        ]
    };
    for a in names() {
        for b in names() {
            // Audit entries know the letters of a table in the catalog and those that are asked for.
            if a.name() == b.name() {
                agree(Database::Sqlite, (&mut conn(), a.clone()), (&mut conn(), b));
            }
        }
    }
    // A hold is never missed for its letters.
    let who = || Actor::new("ann").because("a case");
    let (ours, theirs) = (
        registry(Database::Sqlite, TableName::new("LEADS")),
        registry(Database::Sqlite, TableName::new("leads")),
    );
    let rows = ours.records("LEADS").expect("ours");
    rows.soft_delete(&mut conn(), &["2"], who()).expect("deleted");
    rows.hold(&mut conn(), "2", who()).expect("held");
    let held = theirs
        .records("leads")
        .expect("theirs")
        .force_delete(&mut conn(), &["2"], who());
    assert!(matches!(held, Err(Error::Held { .. })), "{held:?}");
}

#[cfg(feature = "servers")]
#[test]
fn on_postgresql() {
    let db = TestDatabase::new(Database::Postgres);
    db.migrate();
    db.sql("CREATE SCHEMA crm; CREATE SCHEMA other");
    db.sql(&table(Database::Postgres, "crm.leads"));
    let conn = |path: &str| {
        let mut conn = PgConnection::establish(db.url()).expect("a connection");
        conn.batch_execute(&format!("SET search_path TO {path}"))
            .expect("a path");
        conn
    };
    let (alone, in_crm) = (
        || TableName::new("leads"),
        || TableName::new("leads").in_schema("crm"),
    );
    let names = || {
        [
            ("crm, public", alone()),
            ("public", in_crm()),
            ("crm, public", in_crm()),
        ]
    };
    for (a_path, a) in names() {
        for (b_path, b) in names() {
            agree(
                Database::Postgres,
                (&mut conn(a_path), a.clone()),
                (&mut conn(b_path), b),
            );
        }
    }

    // Another table of the same name in another schema has its own acts, and its own holds where they name it.
    db.sql(&table(Database::Postgres, "other.leads"));
    let who = || Actor::new("ann").because("a case");
    let (ours, theirs) = (
        registry(Database::Postgres, in_crm()),
        registry(Database::Postgres, TableName::new("leads").in_schema("other")),
    );
    let ours = ours.records("crm.leads").expect("ours");
    ours.soft_delete(&mut conn("public"), &["2"], who())
        .expect("deleted");
    ours.hold(&mut conn("public"), "2", who()).expect("held");
    let their_rows = theirs.records("other.leads").expect("theirs");
    assert_eq!(their_rows.history(&mut conn("public"), "2").expect("acts"), []);
    their_rows
        .soft_delete(&mut conn("public"), &["2"], who())
        .expect("deleted");
    let removed = their_rows
        .force_delete(&mut conn("public"), &["2"], who())
        .expect("removed");
    assert_eq!(removed.rows(), 1);
    assert_eq!(
        ours.release(&mut conn("public"), "2", who()).expect("released"),
        1
    );

    // Holds that nobody asks for are found.
    db.sql("INSERT INTO soft_delete_holds (id, model, reason, actor, placed_at) VALUES ('018cc251-f400-7000-8000-000000000000', 'leeds', 'a typo', 'ann', now())");
    db.sql("CREATE TABLE other.soft_delete_holds (LIKE public.soft_delete_holds)");
    let findings = doctor(&mut conn("public"), &theirs).expect("findings");
    let evidence: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.check == Check::Holds)
        .map(|finding| finding.evidence.as_str())
        .collect();
    assert_eq!(evidence.len(), 2, "{evidence:?}");
    assert!(
        evidence[0].contains("leeds") && evidence[1].contains("schema other"),
        "{evidence:?}"
    );
}

#[cfg(feature = "servers")]
#[test]
fn on_mariadb() {
    let db = TestDatabase::new(Database::Mysql);
    db.migrate();
    db.sql(&table(Database::Mysql, "leads"));
    let conn = || MysqlConnection::establish(db.url()).expect("a connection");
    let schema = db.url().rsplit('/').next().expect("a database").to_owned();
    let names = || {
        [
            TableName::new("leads"),
            TableName::new("leads").in_schema(&schema),
        ]
    };
    for a in names() {
        for b in names() {
            agree(Database::Mysql, (&mut conn(), a.clone()), (&mut conn(), b));
        }
    }
}
