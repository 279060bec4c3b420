//! Transactions that the database ended for no fault of their own are repeated; two connections are stepped by hand.

use std::{sync::mpsc, thread};

use diesel::{connection::SimpleConnection, prelude::*};
use soft_delete::{Database, Error, Outcome, prelude::*};

use crate::support::{
    database::TestDatabase,
    locks::{WAITING_ON_POSTGRESQL, somebody_waits, waiting_on_mariadb},
};

diesel::table! {
    leads (id) {
        id -> BigInt,
        name -> Text,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn database(database: Database) -> TestDatabase {
    let db = TestDatabase::new(database);
    db.migrate();
    db.sql(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, name VARCHAR(20) NOT NULL, deleted_at TIMESTAMP NULL)",
    );
    db.sql("INSERT INTO leads (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')");
    db
}

/// PostgreSQL in REPEATABLE READ refuses to change a row that another transaction changed since: 40001.
#[test]
fn a_failed_serialization_on_postgresql() {
    let db = database(Database::Postgres);
    let connect = || {
        let mut conn = PgConnection::establish(db.url()).unwrap();
        conn.batch_execute("SET default_transaction_isolation = 'repeatable read'")
            .unwrap();
        conn
    };
    let mut other = connect();
    let mut watcher = PgConnection::establish(db.url()).unwrap();

    other
        .batch_execute("BEGIN; UPDATE leads SET name = 'x' WHERE id = 1")
        .unwrap();
    thread::scope(|scope| {
        let ours = scope.spawn(|| Lead::soft_delete_by_id(&mut connect(), 1, Actor::new("me")));
        let waits = somebody_waits(&mut watcher, WAITING_ON_POSTGRESQL);
        other.batch_execute("COMMIT").unwrap();
        assert!(waits);
        assert_eq!(ours.join().unwrap().unwrap(), Outcome::Changed);
    });

    // Inside a transaction of the caller's only the caller can repeat.
    other
        .batch_execute("BEGIN; UPDATE leads SET name = 'x' WHERE id = 2")
        .unwrap();
    thread::scope(|scope| {
        let ours = scope.spawn(|| {
            connect().transaction::<_, Error, _>(|conn| Lead::soft_delete_by_id(conn, 2, Actor::new("me")))
        });
        let waits = somebody_waits(&mut watcher, WAITING_ON_POSTGRESQL);
        other.batch_execute("COMMIT").unwrap();
        assert!(waits);
        assert!(matches!(ours.join().unwrap(), Err(Error::Database(_))));
    });
    let mut conn = connect();
    assert_eq!(
        Lead::only_deleted()
            .select(leads::id)
            .load::<i64>(&mut conn)
            .unwrap(),
        [1]
    );
    assert_eq!(
        Lead::history_by_id(&mut conn, 1).unwrap().len(),
        1,
        "one audit row, not one for each attempt"
    );
}

/// MariaDB ends the smaller of two transactions that wait for each other.
#[test]
fn a_deadlock_on_mariadb() {
    let db = database(Database::Mysql);
    let mut other = MysqlConnection::establish(db.url()).unwrap();
    let mut watcher = MysqlConnection::establish(db.url()).unwrap();
    let waiting = waiting_on_mariadb(&db);

    // The other has changed more rows and holds the end of the audit table.
    other
        .batch_execute(
            "BEGIN; UPDATE leads SET name = 'x' WHERE id > 1; SELECT id FROM soft_delete_audit FOR UPDATE",
        )
        .unwrap();
    let (about_to_ask, asked) = mpsc::channel();
    thread::scope(|scope| {
        let ours = scope.spawn(|| {
            let mut conn = MysqlConnection::establish(db.url()).unwrap();
            about_to_ask.send(()).unwrap();
            // Holds the lead, waits for the audit table.
            Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))
        });
        asked.recv().unwrap();
        let waits = somebody_waits(&mut watcher, &waiting);
        // Now each waits for the other; ours is ended, and repeated once the other is done.
        other
            .batch_execute("UPDATE leads SET name = 'x' WHERE id = 1")
            .unwrap();
        other.batch_execute("COMMIT").unwrap();
        assert!(waits);
        assert_eq!(ours.join().unwrap().unwrap(), Outcome::Changed);
    });
    assert_eq!(
        Lead::only_deleted()
            .select(leads::id)
            .load::<i64>(&mut other)
            .unwrap(),
        [1]
    );
    assert_eq!(
        Lead::history_by_id(&mut other, 1).unwrap().len(),
        1,
        "one audit row, not one for each attempt"
    );
}
