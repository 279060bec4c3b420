//! Ten thousand rows take as many statements as ten, with all that goes along, on every database.

use diesel::{connection::SimpleConnection, prelude::*};
use soft_delete::{Database, Registry, prelude::*};

use super::statement_count::counting;
use crate::support::database::TestDatabase;

diesel::table! {
    customers (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        customer_id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::table! {
    folders (id) {
        id -> BigInt,
        parent_id -> Nullable<BigInt>,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

diesel::table! {
    papers (id) {
        id -> BigInt,
        folder_id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = customers)]
#[soft_delete(cascade(Order))]
pub struct Customer {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = orders, belongs_to(Customer))]
pub struct Order {
    id: i64,
    customer_id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = folders)]
#[soft_delete(cascade(Self(folders::parent_id), Paper))]
struct Folder {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = papers, belongs_to(Folder))]
struct Paper {
    id: i64,
    folder_id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<String>,
}

/// Customers with an order each, and folders in a binary tree with a paper each; so many of every kind.
pub fn tables(rows: i64) -> String {
    const MARKS: &str = "deleted_at TIMESTAMP NULL, deletion_id VARCHAR(36)";
    let number = "1 + a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit + 10000 * e.digit";
    let digits = "digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits d CROSS JOIN digits e";
    let mut script = String::from(
        "CREATE TABLE digits (digit BIGINT); INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);",
    );
    script += &format!(
        "CREATE TABLE numbers (n BIGINT PRIMARY KEY); INSERT INTO numbers SELECT {number} FROM {digits} WHERE {number} <= {rows};"
    );
    for (table, refers) in [
        ("customers", None),
        ("orders", Some(("customer_id", "n"))),
        // Halved without a remainder, which is not spelled alike on all databases.
        ("folders", Some(("parent_id", "NULLIF((n - n % 2) / 2, 0)"))),
        ("papers", Some(("folder_id", "n"))),
    ] {
        script += &match refers {
            None => format!(
                "CREATE TABLE {table} (id BIGINT PRIMARY KEY, {MARKS}); INSERT INTO {table} (id) SELECT n FROM numbers;"
            ),
            Some((column, value)) => format!(
                "CREATE TABLE {table} (id BIGINT PRIMARY KEY, {column} BIGINT, {MARKS}); \
                 INSERT INTO {table} (id, {column}) SELECT n, {value} FROM numbers; \
                 CREATE INDEX {table}_{column} ON {table} ({column});"
            ),
        };
    }
    script
}

/// The cases on one database.
macro_rules! on {
    ($module:ident, $conn:ty, $database:expr) => {
        mod $module {
            use super::*;

            /// What `work` does with a few and with many rows of each kind takes the same statements.
            fn same_statements(
                counts: [i64; 2],
                work: impl Fn(&mut $conn, i64) -> [u64; 2],
                rows: impl Fn(i64) -> u64,
            ) {
                let taken = counts.map(|count| {
                    let db = TestDatabase::new($database);
                    let (mut conn, statements) = counting(<$conn>::establish(db.url()).unwrap());
                    soft_delete::migrations::run(&mut conn).unwrap();
                    conn.batch_execute(&tables(count)).unwrap();
                    statements.lock().unwrap().clear();
                    assert_eq!(work(&mut conn, count), [rows(count), rows(count)]);
                    std::mem::take(&mut *statements.lock().unwrap())
                });
                assert!(
                    taken[0].len() >= 4 && taken[0].len() <= 16,
                    "{:?}",
                    taken[0]
                );
                assert_eq!(taken[0], taken[1]);
            }

            #[test]
            fn a_cascade_and_its_restore() {
                let work = |conn: &mut $conn, _| {
                    let all = || customers::id.ge(1);
                    let gone = Customer::soft_delete_where(conn, all(), Actor::new("me")).unwrap();
                    let back = Customer::restore_where(conn, all(), Actor::new("me")).unwrap();
                    [gone.rows(), back.rows()]
                };
                same_statements([10, 10_000], work, |count| 2 * count as u64);
            }

            #[test]
            fn a_cascade_and_its_undoing() {
                let work = |conn: &mut $conn, _| {
                    let registry = Registry::new().with::<Customer>().with::<Order>();
                    let gone =
                        Customer::soft_delete_where(conn, customers::id.ge(1), Actor::new("me")).unwrap();
                    let back = soft_delete::undo(conn, &registry, gone.id, Actor::new("me")).unwrap();
                    [gone.rows(), back.rows()]
                };
                same_statements([10, 10_000], work, |count| 2 * count as u64);
            }

            #[test]
            fn a_tree_and_its_restore() {
                let work = |conn: &mut $conn, _| {
                    let root = || folders::id.eq(1);
                    let gone = Folder::soft_delete_where(conn, root(), Actor::new("me")).unwrap();
                    let back = Folder::restore_where(conn, root(), Actor::new("me")).unwrap();
                    [gone.rows(), back.rows()]
                };
                same_statements([10, 10_000], work, |count| 2 * count as u64);
            }

            /// As many keys as one statement takes.
            #[test]
            fn one_part_of_many_keys() {
                let work = |conn: &mut $conn, count| {
                    let gone = Customer::soft_delete_by_ids(conn, 1..=count, Actor::new("me")).unwrap();
                    let back = Customer::restore_by_ids(conn, 1..=count, Actor::new("me")).unwrap();
                    [gone.rows(), back.rows()]
                };
                same_statements([10, 4_000], work, |count| 2 * count as u64);
            }
        }
    };
}

on!(sqlite, SqliteConnection, Database::Sqlite);
#[cfg(feature = "servers")]
on!(postgres, PgConnection, Database::Postgres);
#[cfg(feature = "servers")]
on!(mariadb, MysqlConnection, Database::Mysql);
