//! A hold and a removal at the same moment: either the row is held, or it is gone.

use std::thread;

use diesel::{connection::TransactionManager, prelude::*};
use soft_delete::{Database, Dialect, Error, KeyBinds, Model, prelude::*};

use crate::support::{
    database::TestDatabase,
    locks::{Count, WAITING_ON_POSTGRESQL, somebody_waits, waiting_on_mariadb},
};

diesel::table! {
    leads (id) {
        id -> BigInt,
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
    db.create("CREATE TABLE leads (id BIGINT PRIMARY KEY)", Lead::descriptor());
    db.sql(
        "INSERT INTO leads (id, deleted_at) VALUES (1, '2026-01-01 00:00:00'), (2, '2026-01-01 00:00:00')",
    );
    db
}

fn one_of_the_two<C>(connect: impl Fn() -> C + Sync, waiting: &str)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
    for<'a> <Lead as Model>::KeyBinds<'a>: KeyBinds<C::Backend>,
    for<'q> diesel::query_builder::SqlQuery: diesel::query_dsl::LoadQuery<'q, C, Count>,
{
    let who = || Actor::new("me").because("a test");
    let row = |id| Lead { id, deleted_at: None };
    let mut first = connect();

    C::TransactionManager::begin_transaction(&mut first).unwrap();
    row(1).hold(&mut first, who()).unwrap();
    let removal = thread::scope(|scope| {
        let removal = scope.spawn(|| row(1).force_delete(&mut connect(), who()));
        let waits = somebody_waits(&mut connect(), waiting);
        C::TransactionManager::commit_transaction(&mut first).unwrap();
        assert!(waits);
        removal.join().unwrap()
    });
    assert!(matches!(removal, Err(Error::Held { rows: 1, .. })), "{removal:?}");

    C::TransactionManager::begin_transaction(&mut first).unwrap();
    row(2).force_delete(&mut first, who()).unwrap();
    let hold = thread::scope(|scope| {
        let hold = scope.spawn(|| row(2).hold(&mut connect(), who()));
        let waits = somebody_waits(&mut connect(), waiting);
        C::TransactionManager::commit_transaction(&mut first).unwrap();
        assert!(waits);
        hold.join().unwrap()
    });
    assert!(matches!(hold, Err(Error::Purged { .. })), "{hold:?}");
    let acts: Vec<&str> = [1, 2]
        .into_iter()
        .flat_map(|id| row(id).history(&mut first).unwrap())
        .map(|act| act.action.as_str())
        .collect();
    assert_eq!(acts, ["hold", "force_delete"]);
}

#[test]
fn on_postgresql() {
    let db = database(Database::Postgres);
    one_of_the_two(
        || PgConnection::establish(db.url()).unwrap(),
        WAITING_ON_POSTGRESQL,
    );
}

#[test]
fn on_mariadb() {
    let db = database(Database::Mysql);
    one_of_the_two(
        || MysqlConnection::establish(db.url()).unwrap(),
        &waiting_on_mariadb(&db),
    );
}
