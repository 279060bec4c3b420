//! Guards under contention, in a schema, and over rows of one table that belong to each other.

#[cfg(feature = "servers")]
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use diesel::{connection::SimpleConnection, prelude::*};
use soft_delete::{Database, Model as _, migrations, prelude::*};

use crate::support::database::TestDatabase;

diesel::table! {
    nodes (id) {
        id -> BigInt,
        parent_id -> Nullable<BigInt>,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = nodes)]
#[allow(dead_code, reason = "only the columns matter")]
struct Node {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

// A tree whose children come before their parents, in whatever order a statement goes through it.
fn tree(database: Database) -> TestDatabase {
    let db = TestDatabase::new(database);
    db.migrate();
    db.create(
        "CREATE TABLE nodes (id BIGINT PRIMARY KEY, parent_id BIGINT)",
        Node::descriptor(),
    );
    db.sql("INSERT INTO nodes (id, parent_id) VALUES (1, 2), (2, 4), (3, 2), (4, NULL)");
    let node = Node::descriptor();
    db.sql(&migrations::guards_for_relation(database, node, node, &["parent_id"]).up);
    db
}

fn comes_and_goes_as_a_whole<C>(conn: &mut C)
where
    C: diesel::connection::LoadConnection<Backend: soft_delete::Dialect> + SimpleConnection,
{
    let active = |conn: &mut C| conn.batch_execute("INSERT INTO nodes (id, parent_id) VALUES (5, 4)");
    conn.batch_execute("UPDATE nodes SET parent_id = NULL WHERE id = 3")
        .unwrap();
    conn.batch_execute("UPDATE nodes SET deleted_at = '2026-01-15 12:00:00', deletion_id = 'x'")
        .unwrap();
    active(conn).unwrap_err();
    conn.batch_execute("UPDATE nodes SET deleted_at = NULL, deletion_id = NULL")
        .unwrap();
    active(conn).unwrap();
}

#[test]
fn a_tree_on_sqlite() {
    let db = tree(Database::Sqlite);
    comes_and_goes_as_a_whole(&mut SqliteConnection::establish(db.url()).unwrap());
}

#[cfg(feature = "servers")]
#[test]
fn a_tree_on_postgresql() {
    let db = tree(Database::Postgres);
    comes_and_goes_as_a_whole(&mut PgConnection::establish(db.url()).unwrap());
}

#[cfg(feature = "servers")]
#[test]
fn a_tree_on_mariadb() {
    let db = tree(Database::Mysql);
    comes_and_goes_as_a_whole(&mut MysqlConnection::establish(db.url()).unwrap());
}

#[cfg(feature = "servers")]
mod contention {
    use std::thread;

    use diesel::sql_query;

    use super::*;
    use crate::support::locks::{Count, WAITING_ON_POSTGRESQL, somebody_waits, waiting_on_mariadb};

    diesel::table! {
        leads (id) {
            id -> BigInt,
            deleted_at -> Nullable<Timestamp>,
        }
    }
    diesel::table! {
        callbacks (id) {
            id -> BigInt,
            lead_id -> BigInt,
            deleted_at -> Nullable<Timestamp>,
        }
    }

    #[derive(Identifiable, SoftDelete)]
    #[diesel(table_name = leads)]
    struct Lead {
        id: i64,
        deleted_at: Option<NaiveDateTime>,
    }

    #[derive(Identifiable, SoftDelete)]
    #[diesel(table_name = callbacks)]
    #[allow(dead_code, reason = "only the columns matter")]
    struct Callback {
        id: i64,
        lead_id: i64,
        deleted_at: Option<NaiveDateTime>,
    }

    fn database(database: Database) -> TestDatabase {
        let db = TestDatabase::new(database);
        db.migrate();
        db.create("CREATE TABLE leads (id BIGINT PRIMARY KEY)", Lead::descriptor());
        db.create(
            "CREATE TABLE callbacks (id BIGINT PRIMARY KEY, lead_id BIGINT NOT NULL)",
            Callback::descriptor(),
        );
        db.sql("INSERT INTO leads (id) VALUES (1), (2), (3)");
        let (child, parent) = (Callback::descriptor(), Lead::descriptor());
        db.sql(&migrations::guards_for_relation(database, child, parent, &["lead_id"]).up);
        db
    }

    /// A parent is just being deleted, and nobody knows yet whether it will be: the child waits, and is refused or comes.
    fn the_child_waits_for_the_parent<C>(connect: impl Fn() -> C + Sync, waiting: &str)
    where
        C: diesel::connection::LoadConnection<Backend: soft_delete::Dialect> + SimpleConnection,
        for<'a> <Lead as soft_delete::Model>::KeyBinds<'a>: soft_delete::KeyBinds<C::Backend>,
        diesel::query_builder::SqlQuery: diesel::query_dsl::methods::ExecuteDsl<C>,
        for<'q> diesel::query_builder::SqlQuery: diesel::query_dsl::LoadQuery<'q, C, Count>,
    {
        use diesel::connection::TransactionManager;
        let (mut other, mut watcher) = (connect(), connect());
        for (lead, commits, child) in [
            (1, true, "INSERT INTO callbacks (id, lead_id) VALUES (1, 1)"),
            (2, false, "INSERT INTO callbacks (id, lead_id) VALUES (2, 2)"),
            (3, true, "UPDATE callbacks SET lead_id = 3 WHERE id = 2"),
        ] {
            C::TransactionManager::begin_transaction(&mut other).unwrap();
            let mut row = Lead {
                id: lead,
                deleted_at: None,
            };
            row.soft_delete(&mut other, Actor::new("me")).unwrap();
            let answer = thread::scope(|scope| {
                let ours = scope.spawn(|| sql_query(child).execute(&mut connect()));
                let waits = somebody_waits(&mut watcher, waiting);
                if commits {
                    C::TransactionManager::commit_transaction(&mut other).unwrap();
                } else {
                    C::TransactionManager::rollback_transaction(&mut other).unwrap();
                }
                assert!(waits);
                ours.join().unwrap()
            });
            match answer {
                Ok(_) => assert!(!commits),
                Err(Diesel::DatabaseError(DatabaseErrorKind::CheckViolation, information)) => {
                    assert!(
                        commits
                            && information
                                .message()
                                .starts_with("the parent in leads is deleted")
                    );
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    /// A child is just being put under a parent: whoever deletes the parent waits, and sees it.
    fn the_parent_waits_for_the_child<C>(connect: impl Fn() -> C + Sync, waiting: &str)
    where
        C: diesel::connection::LoadConnection<Backend: soft_delete::Dialect> + SimpleConnection,
        for<'a> <Lead as soft_delete::Model>::KeyBinds<'a>: soft_delete::KeyBinds<C::Backend>,
        for<'q> diesel::query_builder::SqlQuery: diesel::query_dsl::LoadQuery<'q, C, Count>,
    {
        let (mut other, mut watcher) = (connect(), connect());
        other
            .batch_execute("BEGIN; INSERT INTO callbacks (id, lead_id) VALUES (10, 2)")
            .unwrap();
        thread::scope(|scope| {
            let ours = scope.spawn(|| {
                let mut row = Lead {
                    id: 2,
                    deleted_at: None,
                };
                row.soft_delete(&mut connect(), Actor::new("me"))
            });
            let waits = somebody_waits(&mut watcher, waiting);
            other.batch_execute("COMMIT").unwrap();
            assert!(waits);
            assert!(ours.join().unwrap().unwrap().is_changed());
        });
        other
            .batch_execute("INSERT INTO callbacks (id, lead_id) VALUES (11, 2)")
            .unwrap_err();
    }

    #[test]
    fn on_postgresql() {
        let db = database(Database::Postgres);
        let connect = || PgConnection::establish(db.url()).unwrap();
        the_child_waits_for_the_parent(connect, WAITING_ON_POSTGRESQL);
        the_parent_waits_for_the_child(connect, WAITING_ON_POSTGRESQL);
        let left: Vec<i64> = Callback::active()
            .order(callbacks::id)
            .select(callbacks::id)
            .load(&mut connect())
            .unwrap();
        assert_eq!(left, [2, 10]);
    }

    /// In READ COMMITTED as well, where the trigger of an `UPDATE` does not lock what it reads unless it says so.
    #[test]
    fn on_mariadb() {
        for level in ["REPEATABLE READ", "READ COMMITTED"] {
            let db = database(Database::Mysql);
            let connect = || {
                let mut conn = MysqlConnection::establish(db.url()).unwrap();
                conn.batch_execute(&format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}"))
                    .unwrap();
                conn
            };
            let waiting = waiting_on_mariadb(&db);
            the_child_waits_for_the_parent(connect, &waiting);
            the_parent_waits_for_the_child(connect, &waiting);
            let left: Vec<i64> = Callback::active()
                .order(callbacks::id)
                .select(callbacks::id)
                .load(&mut connect())
                .unwrap();
            assert_eq!(left, [2, 10], "{level}");
        }
    }
}

#[cfg(feature = "servers")]
mod schemas {
    use super::*;
    use soft_delete::{Column, ColumnKind, Descriptor, TableName};

    fn model(name: &str) -> Descriptor {
        Descriptor::new(
            TableName::new(name).in_schema("crm"),
            Column::new("deleted_at", ColumnKind::Timestamp),
        )
        .key(Column::new("tenant", ColumnKind::BigInt))
        .key(Column::new("id", ColumnKind::BigInt))
    }

    /// Triggers, functions and views stand beside their table, whatever schema the connection has by default; names that are
    /// too long are cut, and those that begin alike stay apart.
    #[test]
    fn on_postgresql() {
        let db = TestDatabase::new(Database::Postgres);
        let long = "l".repeat(60);
        let (leads, calls) = (model(&long), model("calls"));
        db.sql("CREATE SCHEMA crm");
        db.create(
            &format!("CREATE TABLE crm.{long} (tenant BIGINT, id BIGINT, PRIMARY KEY (tenant, id))"),
            &leads,
        );
        db.create("CREATE TABLE crm.calls (tenant BIGINT, id BIGINT, lead_of_the_very_long_name_that_nobody_would_choose BIGINT, PRIMARY KEY (tenant, id))", &calls);
        let foreign_key = ["tenant", "lead_of_the_very_long_name_that_nobody_would_choose"];
        let guards = [
            migrations::guards_for_table(Database::Postgres, &leads),
            migrations::guards_for_relation(Database::Postgres, &calls, &leads, &foreign_key),
        ];
        for sql in &guards {
            db.sql(&sql.up);
        }
        let mut conn = PgConnection::establish(db.url()).unwrap();
        let mut run = |sql: &str| conn.batch_execute(&sql.replace("LEADS", &format!("crm.{long}")));
        run("INSERT INTO LEADS (tenant, id) VALUES (1, 1), (2, 1)").unwrap();
        run("DELETE FROM LEADS").unwrap_err();
        run("UPDATE LEADS SET deleted_at = now() WHERE tenant = 1").unwrap();
        run("INSERT INTO crm.calls VALUES (1, 1, 1)").unwrap_err();
        run("INSERT INTO crm.calls VALUES (2, 1, 1)").unwrap();
        run("UPDATE crm.calls SET tenant = 1").unwrap_err();
        run("DELETE FROM LEADS WHERE tenant = 1").unwrap();
        for sql in guards.iter().rev() {
            db.sql(&sql.down);
        }
        run("DELETE FROM LEADS").unwrap();
    }
}
