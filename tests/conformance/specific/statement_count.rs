//! How many statements an operation takes, counted by Diesel's own instrumentation.

use std::sync::{Arc, Mutex};

use diesel::{
    connection::{InstrumentationEvent, SimpleConnection},
    prelude::*,
};
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

fn prepare<C>(mut conn: C) -> (C, Statements)
where
    C: diesel::connection::LoadConnection<Backend: soft_delete::Dialect>,
{
    soft_delete::migrations::run(&mut conn).unwrap();
    conn.batch_execute("CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deletion_id VARCHAR(36)); INSERT INTO leads (id) VALUES (1)")
        .unwrap();
    counting(conn)
}

/// The first words of the statements that a connection runs.
pub type Statements = Arc<Mutex<Vec<String>>>;

/// The connection, and what it runs from here on.
pub fn counting<C: Connection>(mut conn: C) -> (C, Statements) {
    let statements = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&statements);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let word = query
                .to_string()
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned();
            seen.lock().unwrap().push(word);
        }
    });
    (conn, statements)
}

fn delete_then_restore<C>(conn: C) -> Vec<String>
where
    C: diesel::connection::LoadConnection<Backend: soft_delete::Dialect>,
    for<'a> <Lead as soft_delete::Model>::KeyBinds<'a>: soft_delete::KeyBinds<C::Backend>,
{
    let (mut conn, statements) = prepare(conn);
    let mut lead = Lead {
        id: 1,
        deleted_at: None,
        deletion_id: None,
    };
    assert!(
        lead.soft_delete(&mut conn, Actor::new("me"))
            .unwrap()
            .is_changed()
    );
    assert!(lead.restore(&mut conn, Actor::new("me")).unwrap().is_changed());
    std::mem::take(&mut *statements.lock().unwrap())
}

/// As many as the update and the insert written by hand in a transaction.
#[test]
fn on_sqlite_as_many_as_by_hand() {
    let conn = SqliteConnection::establish(":memory:").unwrap();
    assert_eq!(
        delete_then_restore(conn),
        [
            "BEGIN", "UPDATE", "INSERT", "COMMIT", "BEGIN", "UPDATE", "INSERT", "COMMIT"
        ]
    );
}

/// One statement does it all.
#[cfg(feature = "servers")]
#[test]
fn on_postgresql_one() {
    let db = crate::support::database::TestDatabase::new(soft_delete::Database::Postgres);
    assert_eq!(
        delete_then_restore(PgConnection::establish(db.url()).unwrap()),
        ["WITH", "WITH"]
    );
}

/// As many as the update and the insert written by hand in a transaction.
#[cfg(feature = "servers")]
#[test]
fn on_mariadb_as_many_as_by_hand() {
    let db = crate::support::database::TestDatabase::new(soft_delete::Database::Mysql);
    assert_eq!(
        delete_then_restore(MysqlConnection::establish(db.url()).unwrap()),
        [
            "BEGIN", "UPDATE", "INSERT", "COMMIT", "BEGIN", "UPDATE", "INSERT", "COMMIT"
        ]
    );
}

/// As many statements for ten thousand rows as for ten.
#[test]
fn of_a_set_do_not_depend_on_the_rows() {
    let counts = [10_i64, 10_000].map(|rows| {
        let (mut conn, statements) = prepare(SqliteConnection::establish(":memory:").unwrap());
        let numbers = format!(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO leads (id) SELECT i FROM n"
        );
        conn.batch_execute(&numbers).unwrap();
        statements.lock().unwrap().clear();
        let gone = Lead::soft_delete_where(&mut conn, leads::id.ge(1), Actor::new("me")).unwrap();
        let back = Lead::restore_where(&mut conn, leads::id.ge(1), Actor::new("me")).unwrap();
        assert_eq!((gone.rows(), back.rows()), (rows as u64, rows as u64));
        std::mem::take(&mut *statements.lock().unwrap())
    });
    assert_eq!(
        counts[0],
        [
            "BEGIN", "UPDATE", "INSERT", "COMMIT", "BEGIN", "INSERT", "UPDATE", "COMMIT"
        ]
    );
    assert_eq!(counts[0], counts[1]);
}
