//! One row under every spelling of its key that the database takes for equal.

#[cfg(feature = "servers")]
use diesel::prelude::*;
use soft_delete::{Actor, Database, Dialect, Error, FoundTable, HeldThing, Registry, Trail, audit, discover};

use crate::support::database::TestDatabase;

/// A table, the type of its key, the key as its row has it, and other spellings of it.
struct Spelled {
    table: &'static str,
    key: &'static str,
    stored: &'static str,
    /// The same as a literal.
    literal: &'static str,
    others: &'static [&'static str],
}

const fn spelled(
    table: &'static str,
    key: &'static str,
    stored: &'static str,
    literal: &'static str,
    others: &'static [&'static str],
) -> Spelled {
    Spelled {
        table,
        key,
        stored,
        literal,
        others,
    }
}

const NUMBERS: Spelled = spelled("numbers", "BIGINT", "7", "7", &["007", "+7"]);

fn keys(database: Database) -> Vec<Spelled> {
    const UUID: &str = "550e8400-e29b-41d4-a716-446655440000";
    const UUID_LITERAL: &str = "'550e8400-e29b-41d4-a716-446655440000'";
    const CAPITALS: &str = "550E8400-E29B-41D4-A716-446655440000";
    let mut keys = match database {
        Database::Postgres => vec![
            spelled(
                "ids",
                "UUID",
                UUID,
                UUID_LITERAL,
                &[CAPITALS, "{550e8400-e29b-41d4-a716-446655440000}"],
            ),
            spelled("tags", "CITEXT", "Rust", "'Rust'", &["rust", "RUST"]),
            spelled("codes", "TEXT COLLATE no_case", "Abc", "'Abc'", &["abc", "ABC"]),
            spelled("hashes", "BYTEA", "00ff", "'\\x00ff'", &["00FF"]),
        ],
        Database::Mysql => vec![
            spelled(
                "codes",
                "VARCHAR(40) COLLATE utf8mb4_general_ci",
                "Abc",
                "'Abc'",
                &["abc", "ABC", "Abc "],
            ),
            spelled(
                "old_codes",
                "VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_swedish_ci",
                "\u{e4}Bc",
                "'\u{e4}Bc'",
                &["\u{c4}bc"],
            ),
            spelled(
                "ids",
                "CHAR(36) COLLATE utf8mb4_general_ci",
                UUID,
                UUID_LITERAL,
                &[CAPITALS],
            ),
            spelled("hashes", "BINARY(2)", "00ff", "x'00ff'", &["00FF"]),
        ],
        _ => vec![
            spelled("codes", "TEXT COLLATE NOCASE", "Abc", "'Abc'", &["abc", "ABC"]),
            spelled(
                "padded",
                "TEXT COLLATE RTRIM",
                "abc",
                "'abc'",
                &["abc ", "abc   "],
            ),
            spelled("hashes", "BLOB", "00ff", "x'00ff'", &["00FF"]),
        ],
    };
    keys.push(NUMBERS);
    keys
}

fn on<C>(db: &TestDatabase, mut conn: C)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let time = match db.database() {
        Database::Mysql => "DATETIME(6) NULL",
        _ => "TIMESTAMP NULL",
    };
    if db.database() == Database::Postgres {
        db.sql(
            "CREATE EXTENSION citext; CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        );
    }
    db.migrate();
    let keys = keys(db.database());
    for key in &keys {
        db.sql(&format!(
            "CREATE TABLE {table} (code {kind} NOT NULL PRIMARY KEY, deleted_at {time}); INSERT INTO {table} (code) VALUES ({literal})",
            table = key.table,
            kind = key.key,
            literal = key.literal,
        ));
    }
    let found = discover(&mut conn, "deleted_at").expect("tables");
    let model = |table: &FoundTable| table.descriptor(&table.roles("deleted_at")).expect("a model");
    let registry = Registry::new()
        .with_tables(found.iter().map(model), &[])
        .expect("models");
    let who = || Actor::new("ann").because("a test");

    for key in &keys {
        let records = registry.records(key.table).expect("records");
        for spelling in key.others {
            let what = format!("{} {spelling:?}", key.table);
            for _ in 0..2 {
                let deleted = records.soft_delete(&mut conn, &[spelling], who()).expect(&what);
                assert_eq!(deleted.rows(), 1, "{what}");
                let restored = records.restore(&mut conn, &[spelling], who()).expect(&what);
                assert_eq!(restored.rows(), 1, "{what}");
            }
            records.soft_delete(&mut conn, &[spelling], who()).expect(&what);
            let hold = records.hold(&mut conn, spelling, who()).expect(&what);
            assert_eq!(
                hold.on,
                HeldThing::Record {
                    model: key.table.to_owned(),
                    record_id: key.stored.to_owned()
                },
                "{what}"
            );
            for known in key.others.iter().chain([&key.stored]) {
                assert_eq!(
                    records.holds(&mut conn, known).expect(&what).len(),
                    1,
                    "{what} {known:?}"
                );
                let held = records.force_delete(&mut conn, &[known], who());
                assert!(
                    matches!(held, Err(Error::Held { .. })),
                    "{what} {known:?}: {held:?}"
                );
            }
            let history = records.history(&mut conn, key.stored).expect(&what);
            assert!(!history.is_empty(), "{what}");
            assert_eq!(
                records.history(&mut conn, spelling).expect(&what),
                history,
                "{what}"
            );
            assert_eq!(
                records.release(&mut conn, spelling, who()).expect(&what),
                1,
                "{what}"
            );
            records.restore(&mut conn, &[spelling], who()).expect(&what);
        }
        let spelling = key.others[0];
        records
            .soft_delete(&mut conn, &[spelling], who())
            .expect("deleted");
        let gone = records
            .force_delete(&mut conn, &[spelling], who())
            .expect("removed");
        assert_eq!(gone.rows(), 1, "{}", key.table);
        // Nobody is left to say how the key is spelled but the audit log.
        for spelling in key.others {
            let what = format!("{} {spelling:?}", key.table);
            let record = records.record_id(&mut conn, spelling).expect(&what);
            assert_eq!(record, key.stored, "{what}");
            let history = records.history(&mut conn, spelling).expect(&what);
            assert_eq!(
                history.last().map(|act| act.action.as_str()),
                Some("force_delete"),
                "{what}"
            );
        }
    }
}

// A key that came again is another row: it does not have the acts on the one before it.
fn keys_that_come_again<C>(db: &TestDatabase, mut conn: C)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let (time, text) = match db.database() {
        Database::Mysql => ("DATETIME(6) NULL", "VARCHAR(40)"),
        _ => ("TIMESTAMP NULL", "TEXT"),
    };
    db.migrate();
    db.sql(&format!(
        "CREATE TABLE users (login {text} NOT NULL PRIMARY KEY, deleted_at {time}); INSERT INTO users (login) VALUES ('ann')"
    ));
    let found = discover(&mut conn, "deleted_at").expect("tables");
    let model = |table: &FoundTable| table.descriptor(&table.roles("deleted_at")).expect("a model");
    let registry = Registry::new()
        .with_tables(found.iter().map(model), &[])
        .expect("models");
    let users = registry.records("users").expect("users");
    let boss = || Actor::new("boss").because("a secret");
    let mut expected = 0;
    for _ in 0..2 {
        users.soft_delete(&mut conn, &["ann"], boss()).expect("deleted");
        users.force_delete(&mut conn, &["ann"], boss()).expect("removed");
        expected += 2;
        let acts = users.history(&mut conn, "ann").expect("of a row that is gone");
        assert_eq!(acts.len(), expected);
        db.sql("INSERT INTO users (login) VALUES ('ann')");
        assert_eq!(users.history(&mut conn, "ann").expect("of a new row"), []);
        users
            .soft_delete(&mut conn, &["ann"], Actor::new("bob"))
            .expect("deleted");
        users
            .restore(&mut conn, &["ann"], Actor::new("bob"))
            .expect("restored");
        expected += 2;
        let acts = users.history(&mut conn, "ann").expect("of the new row");
        assert_eq!(acts.len(), 2);
        assert!(acts.iter().all(|act| act.actor == "bob"));
    }
    let all = audit(&mut conn, &Trail::new().model("users").record("ann")).expect("all acts");
    assert_eq!(all.len(), expected, "the audit log still tells all of them");
}

#[test]
fn on_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    on(&db, crate::support::database::sqlite(db.url()));
    let db = TestDatabase::new(Database::Sqlite);
    keys_that_come_again(&db, crate::support::database::sqlite(db.url()));
}

#[cfg(feature = "servers")]
#[test]
fn on_postgresql() {
    let db = TestDatabase::new(Database::Postgres);
    on(&db, PgConnection::establish(db.url()).expect("a connection"));
    let db = TestDatabase::new(Database::Postgres);
    keys_that_come_again(&db, PgConnection::establish(db.url()).expect("a connection"));
}

#[cfg(feature = "servers")]
#[test]
fn on_mariadb() {
    let db = TestDatabase::new(Database::Mysql);
    on(&db, MysqlConnection::establish(db.url()).expect("a connection"));
    let db = TestDatabase::new(Database::Mysql);
    keys_that_come_again(&db, MysqlConnection::establish(db.url()).expect("a connection"));
}
