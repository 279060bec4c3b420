//! The doctor names relations whose children are found by reading their whole table.

use diesel::{connection::LoadConnection, prelude::*};
use soft_delete::{
    Check, Column, ColumnKind, Database, Descriptor, Dialect, Finding, Severity, TableName, TableRelation,
    doctor, prelude::*,
};

use crate::support::database::TestDatabase;

fn table(name: &str) -> Descriptor {
    Descriptor::new(
        TableName::new(name),
        Column::new("deleted_at", ColumnKind::Timestamp),
    )
    .key(Column::new("id", ColumnKind::BigInt))
    .deletion_id(Column::new("deletion_id", ColumnKind::Text))
}

fn registry() -> Registry {
    let [posts, comments, files] = ["posts", "comments", "files"].map(TableName::new);
    Registry::new()
        .with_tables(
            [table("posts"), table("comments")],
            &[
                TableRelation::cascade(posts.clone(), comments, ["post_id"]),
                TableRelation::owns(posts, files, ["post_id"]),
            ],
        )
        .expect("relations")
}

fn named<C>(conn: &mut C) -> Vec<Finding>
where
    C: LoadConnection<Backend: Dialect>,
{
    let found = doctor(conn, &registry()).expect("findings").into_iter();
    found
        .filter(|finding| finding.check == Check::ChildIndex)
        .collect()
}

fn tables(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.table.as_str()).collect()
}

fn relations_without_an_index<C>(db: &TestDatabase, conn: &mut C)
where
    C: LoadConnection<Backend: Dialect>,
{
    let time = if db.database() == Database::Mysql {
        "DATETIME(6)"
    } else {
        "TIMESTAMP"
    };
    db.sql(&format!(
        "CREATE TABLE posts (id BIGINT PRIMARY KEY, deleted_at {time} NULL, deletion_id CHAR(36) NULL);
         CREATE TABLE comments (id BIGINT PRIMARY KEY, post_id BIGINT, author BIGINT, deleted_at {time} NULL, deletion_id CHAR(36) NULL);
         CREATE TABLE files (id BIGINT PRIMARY KEY, post_id BIGINT)"
    ));
    db.migrate();
    let found = named(conn);
    assert_eq!(tables(&found), ["comments", "files"], "{found:#?}");
    assert!(found.iter().all(|finding| finding.severity == Severity::Warning));
    assert!(
        found[0]
            .evidence
            .contains("no index begins with post_id: the rows of comments that refer to one of posts"),
        "{}",
        found[0].evidence
    );
    // One that begins with another column does not find them; one that only begins with theirs does.
    db.sql(
        "CREATE INDEX by_author ON comments (author, post_id); CREATE INDEX of_post ON files (post_id, id)",
    );
    let found = named(conn);
    assert_eq!(tables(&found), ["comments"], "{found:#?}");
    // MySQL and MariaDB have no indexes on a part of the rows.
    if db.database() != Database::Mysql {
        db.sql("CREATE INDEX of_deleted ON comments (post_id) WHERE deleted_at IS NOT NULL");
        assert_eq!(
            tables(&named(conn)),
            ["comments"],
            "active children are looked for as well"
        );
        db.sql("CREATE INDEX of_any ON comments (\"post_id\") WHERE \"post_id\" IS NOT NULL");
        assert!(named(conn).is_empty(), "it has every child");
        db.sql("DROP INDEX of_any");
    }
    let remedy = &named(conn)[0].remedy;
    assert!(remedy.contains("comments_by_post_id"), "{remedy}");
    db.sql(remedy);
    assert!(named(conn).is_empty(), "the remedy mends it");
}

#[test]
fn relations_without_an_index_are_named_on_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    relations_without_an_index(&db, &mut crate::support::database::sqlite(db.url()));
}

#[cfg(feature = "servers")]
#[test]
fn relations_without_an_index_are_named_on_postgresql() {
    let db = TestDatabase::new(Database::Postgres);
    relations_without_an_index(&db, &mut PgConnection::establish(db.url()).expect("a connection"));
}

#[cfg(feature = "servers")]
#[test]
fn relations_without_an_index_are_named_on_mariadb() {
    let db = TestDatabase::new(Database::Mysql);
    relations_without_an_index(
        &db,
        &mut MysqlConnection::establish(db.url()).expect("a connection"),
    );
}

/// A child whose key is what it refers by needs no index besides, though SQLite tells of none.
#[test]
fn a_key_is_an_index() {
    let db = TestDatabase::new(Database::Sqlite);
    db.sql(
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP, deletion_id TEXT);
         CREATE TABLE comments (id INTEGER PRIMARY KEY REFERENCES posts (id), deleted_at TIMESTAMP, deletion_id TEXT)",
    );
    db.migrate();
    let relation = TableRelation::cascade(TableName::new("posts"), TableName::new("comments"), ["id"]);
    let registry = Registry::new()
        .with_tables([table("posts"), table("comments")], &[relation])
        .expect("relations");
    let conn = &mut crate::support::database::sqlite(db.url());
    let found = doctor(conn, &registry).expect("findings");
    assert!(
        found.iter().all(|finding| finding.check != Check::ChildIndex),
        "{found:#?}"
    );
}
