//! Foreign keys between texts that the database takes for equal: a child refers to `ann` as `Ann`.

#[cfg(not(feature = "servers"))]
use diesel::RunQueryDsl as _;
#[cfg(feature = "servers")]
use diesel::prelude::*;
use diesel::{connection::SimpleConnection, query_dsl::LoadQuery, sql_query, sql_types};
use soft_delete::{
    Actor, Cleanup, Database, Descriptor, Dialect, Error, FoundTable, Registry, TableName, TableRelation,
    discover,
};

use crate::support::database::TestDatabase;

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = sql_types::Text)]
    row: String,
}

/// Users whose login is compared without regard to case. On SQLite and PostgreSQL their children's columns are compared
/// with regard to it; MySQL wants both alike.
fn tables(database: Database) -> String {
    let (time, id, parent, child) = match database {
        Database::Postgres => ("TIMESTAMP", "UUID", "TEXT COLLATE no_case", "TEXT"),
        Database::Mysql => (
            "DATETIME(6)",
            "CHAR(36)",
            "VARCHAR(50) COLLATE utf8mb4_general_ci",
            "VARCHAR(50) COLLATE utf8mb4_general_ci",
        ),
        _ => ("TIMESTAMP", "TEXT", "TEXT COLLATE NOCASE", "TEXT"),
    };
    let collation = match database {
        Database::Postgres => {
            "CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
        }
        _ => "",
    };
    let marked = format!("deleted_at {time} NULL, deletion_id {id} NULL");
    format!(
        "{collation}
         CREATE TABLE users (login {parent} NOT NULL PRIMARY KEY, {marked});
         CREATE TABLE posts (id BIGINT PRIMARY KEY, login {child}, {marked}, FOREIGN KEY (login) REFERENCES users (login) ON DELETE CASCADE);
         CREATE TABLE notes (id BIGINT PRIMARY KEY, login {child}, FOREIGN KEY (login) REFERENCES users (login));
         CREATE TABLE nodes (code {parent} NOT NULL PRIMARY KEY, above {child}, {marked}, FOREIGN KEY (above) REFERENCES nodes (code));
         INSERT INTO users (login) VALUES ('ann'), ('bob');
         INSERT INTO posts (id, login) VALUES (1, 'Ann'), (2, 'ann'), (3, 'Bob');
         INSERT INTO notes (id, login) VALUES (1, 'ANN'), (2, 'BOB');
         INSERT INTO nodes (code, above) VALUES ('a', NULL), ('b', 'A'), ('c', 'B'), ('d', NULL)"
    )
}

const OLD: &str = "2020-01-01 00:00:00";

fn on<C>(db: &TestDatabase, mut conn: C)
where
    C: diesel::connection::LoadConnection<Backend: Dialect> + SimpleConnection,
    for<'q> diesel::query_builder::SqlQuery: LoadQuery<'q, C, Row>,
{
    db.sql(&tables(db.database()));
    db.migrate();
    let found = discover(&mut conn, "deleted_at").expect("tables");
    let model =
        |table: &FoundTable| -> Descriptor { table.descriptor(&table.roles("deleted_at")).expect("a model") };
    let named = TableName::new;
    let (users, posts) = (|| named("users"), || named("posts"));
    let registry = |relations: &[TableRelation]| {
        Registry::new()
            .with_tables(found.iter().map(model), relations)
            .expect("relations")
    };
    let rows = |conn: &mut C, which: &str| -> Vec<String> {
        let text = if db.database() == Database::Mysql {
            "CHAR"
        } else {
            "TEXT"
        };
        let query = which.replace("TEXT", text);
        let found: Vec<Row> = sql_query(query).load(conn).expect("rows");
        found.into_iter().map(|row| row.row).collect()
    };
    let active_posts = "SELECT CAST(id AS TEXT) AS row FROM posts WHERE deleted_at IS NULL ORDER BY id";
    let active_nodes = "SELECT CAST(code AS TEXT) AS row FROM nodes WHERE deleted_at IS NULL ORDER BY code";
    let ann = || Actor::new("ann").because("a test");

    // What goes along is what the foreign key refers to, and it comes back.
    let cascades = [
        TableRelation::cascade(users(), posts(), ["login"]),
        TableRelation::cascade(named("nodes"), named("nodes"), ["above"]),
        TableRelation::owns(users(), named("notes"), ["login"]),
    ];
    let whole = registry(&cascades);
    let records = whole.records("users").expect("users");
    assert_eq!(
        records
            .soft_delete(&mut conn, &["ann"], ann())
            .expect("deleted")
            .rows(),
        3
    );
    assert_eq!(rows(&mut conn, active_posts), ["3"]);
    let alone = whole
        .records("posts")
        .expect("posts")
        .restore(&mut conn, &["1"], ann());
    assert!(matches!(alone, Err(Error::ParentDeleted { .. })), "{alone:?}");
    assert_eq!(
        records
            .restore(&mut conn, &["ann"], ann())
            .expect("restored")
            .rows(),
        3
    );
    assert_eq!(rows(&mut conn, active_posts), ["1", "2", "3"]);
    let nodes = whole.records("nodes").expect("nodes");
    assert_eq!(
        nodes
            .soft_delete(&mut conn, &["a"], ann())
            .expect("deleted")
            .rows(),
        3
    );
    assert_eq!(rows(&mut conn, active_nodes), ["d"]);
    assert_eq!(
        nodes.restore(&mut conn, &["a"], ann()).expect("restored").rows(),
        3
    );
    assert_eq!(rows(&mut conn, active_nodes), ["a", "b", "c", "d"]);

    // A restriction sees the active child.
    let restricts = registry(&[TableRelation::restrict(users(), posts(), ["login"])]);
    let refused = restricts
        .records("users")
        .expect("users")
        .soft_delete(&mut conn, &["bob"], ann());
    assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");

    // So does a cleanup, and its dry run, where the database would remove the child by itself.
    db.sql(&format!("UPDATE users SET deleted_at = '{OLD}'"));
    db.sql("DELETE FROM notes WHERE login <> 'BOB' AND id = 1; DELETE FROM posts WHERE id = 2");
    let loose = registry(&[TableRelation::owns(users(), named("notes"), ["login"])]);
    for dry_run in [true, false] {
        let cleanup = Cleanup::new(&loose)
            .model("users")
            .dry_run(dry_run)
            .trust_clock(true);
        let report = cleanup.run(&mut conn).expect("a report");
        let users = report
            .models
            .iter()
            .find(|model| model.model == "users")
            .expect("users");
        assert_eq!((users.purged, users.blocked_rows), (0, 2), "dry run: {dry_run}");
    }
    assert_eq!(rows(&mut conn, active_posts), ["1", "3"]);

    // What is owned goes along, in whatever letters.
    db.sql("DELETE FROM posts");
    let report = Cleanup::new(&loose)
        .model("users")
        .trust_clock(true)
        .run(&mut conn)
        .expect("a report");
    let users = report
        .models
        .iter()
        .find(|model| model.model == "users")
        .expect("users");
    assert_eq!((users.purged, users.owned), (2, 1));
    assert!(rows(&mut conn, "SELECT CAST(id AS TEXT) AS row FROM notes").is_empty());
    assert!(rows(&mut conn, "SELECT CAST(login AS TEXT) AS row FROM users").is_empty());
}

#[test]
fn on_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    on(&db, crate::support::database::sqlite(db.url()));
}

#[cfg(feature = "servers")]
#[test]
fn on_postgresql() {
    let db = TestDatabase::new(Database::Postgres);
    on(&db, PgConnection::establish(db.url()).expect("a connection"));
}

#[cfg(feature = "servers")]
#[test]
fn on_mariadb() {
    let db = TestDatabase::new(Database::Mysql);
    on(&db, MysqlConnection::establish(db.url()).expect("a connection"));
}
