//! Flags of legacy schemas, in every type that they come in, and columns that the database computes.

use diesel::{
    connection::SimpleConnection, prelude::*, query_builder::SqlQuery, query_dsl::LoadQuery, sql_query,
    sql_types,
};
use soft_delete::{
    Actor, Check, Cleanup, Database, Descriptor, Dialect, FoundTable, Registry, Severity, discover, doctor,
};

use crate::support::database::{TestDatabase, sqlite};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = sql_types::Text)]
    line: String,
}

/// The types that can be a flag there, with what an active and a deleted row holds.
fn flags(database: Database) -> &'static [(&'static str, &'static str, &'static str)] {
    match database {
        Database::Sqlite => &[
            ("INTEGER", "0", "1"),
            ("INT", "0", "1"),
            ("TINYINT", "0", "1"),
            ("BIT", "0", "1"),
            ("BOOLEAN", "FALSE", "TRUE"),
        ],
        Database::Postgres => &[
            ("INTEGER", "0", "1"),
            ("SMALLINT", "0", "1"),
            ("BIGINT", "0", "1"),
            ("BOOLEAN", "FALSE", "TRUE"),
        ],
        _ => &[
            ("BIT(1)", "b'0'", "b'1'"),
            ("TINYINT", "0", "1"),
            ("TINYINT(1)", "0", "1"),
            ("TINYINT(4) UNSIGNED", "0", "1"),
            ("SMALLINT", "0", "1"),
            ("INT", "0", "1"),
            ("BIGINT UNSIGNED", "0", "1"),
            ("ENUM('Y','N')", "'N'", "'Y'"),
            ("ENUM('no','yes')", "'no'", "'yes'"),
        ],
    }
}

fn items<C>(conn: &mut C) -> FoundTable
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let tables = discover(conn, "deleted_at").unwrap();
    tables
        .into_iter()
        .find(|table| table.name().name() == "items")
        .unwrap()
}

fn model(items: &FoundTable) -> Descriptor {
    items.descriptor(&items.roles("deleted_at")).unwrap()
}

fn line<C>(conn: &mut C, query: &str) -> String
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
    for<'q> SqlQuery: LoadQuery<'q, C, Line>,
{
    let found: Line = sql_query(query).get_result(conn).unwrap();
    found.line
}

fn rows_with<C>(conn: &mut C, condition: &str) -> String
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
    for<'q> SqlQuery: LoadQuery<'q, C, Line>,
{
    let list = if conn_is_sqlite::<C>() || C::Backend::DATABASE == Some(Database::Mysql) {
        "GROUP_CONCAT(id)"
    } else {
        "STRING_AGG(CAST(id AS TEXT), ',' ORDER BY id)"
    };
    line(
        conn,
        &format!(
            "SELECT COALESCE({list}, '') AS line FROM (SELECT id FROM items WHERE {condition} ORDER BY id) AS chosen"
        ),
    )
}

fn conn_is_sqlite<C>() -> bool
where
    C: Connection<Backend: Dialect>,
{
    C::Backend::DATABASE == Some(Database::Sqlite)
}

fn are_kept_in_step<C>(database: Database, connect: impl Fn(&TestDatabase) -> C)
where
    C: diesel::connection::LoadConnection<Backend: Dialect> + SimpleConnection,
    for<'q> SqlQuery: LoadQuery<'q, C, Line>,
{
    for (sql_type, active, deleted) in flags(database) {
        let db = TestDatabase::new(database);
        db.migrate();
        db.sql(&format!(
            "CREATE TABLE items (id BIGINT PRIMARY KEY, is_deleted {sql_type}, deleted_at TIMESTAMP NULL);
             INSERT INTO items VALUES (1, {active}, '2020-01-01 00:00:00'), (2, {deleted}, '2020-01-01 00:00:00'), (3, {active}, NULL), (4, NULL, '2020-01-01 00:00:00'), (5, {deleted}, '2020-01-01 00:00:00')"
        ));
        let mut conn = connect(&db);
        let items = items(&mut conn);
        assert_eq!(
            items.roles("deleted_at").is_deleted.as_deref(),
            Some("is_deleted"),
            "{sql_type}"
        );
        assert_eq!(items.left_out(), Vec::<String>::new(), "{sql_type}");
        let registry = Registry::new().with_table(model(&items));
        let records = registry.records("items").unwrap();
        let who = || Actor::new("ann").because("spam");
        assert_eq!(records.soft_delete(&mut conn, &["3"], who()).unwrap().rows(), 1);
        assert_eq!(
            rows_with(&mut conn, &format!("is_deleted = {deleted}")),
            "2,3,5",
            "{sql_type}"
        );
        assert_eq!(records.restore(&mut conn, &["3", "5"], who()).unwrap().rows(), 2);
        assert_eq!(
            rows_with(&mut conn, &format!("is_deleted = {deleted}")),
            "2",
            "{sql_type}"
        );
        assert_eq!(
            rows_with(&mut conn, &format!("is_deleted = {active}")),
            "1,3,5",
            "{sql_type}"
        );
        let named = doctor(&mut conn, &registry).unwrap();
        let flags = named
            .iter()
            .find(|finding| finding.check == Check::Flags)
            .unwrap();
        assert!(
            flags.evidence.contains("of 2 rows contradict"),
            "{sql_type}: {}",
            flags.evidence
        );
        // What the flag calls active stays, and so does a row of which it says nothing.
        let cleanup = |dry_run| {
            Cleanup::new(&registry)
                .by(who())
                .max_fraction(1.0)
                .dry_run(dry_run)
        };
        let foretold = cleanup(true).run(&mut conn).unwrap();
        let report = cleanup(false).run(&mut conn).unwrap();
        assert_eq!((foretold.purged(), report.purged()), (1, 1), "{sql_type}");
        assert_eq!(report.models[0].blocked_rows, 2, "{sql_type}");
        assert_eq!(rows_with(&mut conn, "1 = 1"), "1,3,4,5", "{sql_type}");
        let audited =
            "SELECT COALESCE(MIN(record_id), '') AS line FROM soft_delete_audit WHERE action = 'purge'";
        assert_eq!(line(&mut conn, audited), "2", "{sql_type}");
    }
}

/// A flag that cannot be understood is said where models are found, and where they are examined.
fn others_are_named<C>(database: Database, connect: impl Fn(&TestDatabase) -> C)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let db = TestDatabase::new(database);
    db.migrate();
    db.sql("CREATE TABLE items (id BIGINT PRIMARY KEY, is_deleted VARCHAR(5), deleted_at TIMESTAMP NULL)");
    let mut conn = connect(&db);
    let items = items(&mut conn);
    assert_eq!(items.roles("deleted_at").is_deleted, None);
    let left_out = items.left_out();
    assert_eq!(left_out.len(), 1);
    assert!(
        left_out[0].ends_with("which cannot be its is_deleted"),
        "{left_out:?}"
    );
    let registry = Registry::new().with_table(model(&items));
    let findings = doctor(&mut conn, &registry).unwrap();
    let flags = findings
        .iter()
        .find(|finding| finding.check == Check::Flags)
        .unwrap();
    assert!(
        flags.evidence.starts_with("the model does not name is_deleted ("),
        "{}",
        flags.evidence
    );
}

/// What the database computes is read and never written.
fn generated_columns_are_not_written<C>(database: Database, connect: impl Fn(&TestDatabase) -> C)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
    for<'q> SqlQuery: LoadQuery<'q, C, Line>,
{
    let kinds: &[&str] = if database == Database::Postgres {
        &["STORED"]
    } else {
        &["STORED", "VIRTUAL"]
    };
    for kind in kinds {
        let db = TestDatabase::new(database);
        db.migrate();
        db.sql(&format!(
            "CREATE TABLE items (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_by VARCHAR(20) GENERATED ALWAYS AS ('x') {kind}, is_deleted BOOLEAN GENERATED ALWAYS AS (deleted_at IS NOT NULL) {kind}); INSERT INTO items (id) VALUES (1), (2)"
        ));
        let mut conn = connect(&db);
        let items = items(&mut conn);
        let roles = items.roles("deleted_at");
        assert_eq!(
            (roles.is_deleted.as_deref(), roles.deleted_by.as_deref()),
            (Some("is_deleted"), None),
            "{kind}"
        );
        assert_eq!(
            items.left_out(),
            ["deleted_by is generated, and the library could not write its deleted_by"]
        );
        let registry = Registry::new().with_table(model(&items));
        let records = registry.records("items").unwrap();
        let who = || Actor::new("ann").because("spam");
        assert_eq!(
            records.soft_delete(&mut conn, &["1", "2"], who()).unwrap().rows(),
            2,
            "{kind}"
        );
        assert_eq!(
            records.restore(&mut conn, &["2"], who()).unwrap().rows(),
            1,
            "{kind}"
        );
        assert_eq!(rows_with(&mut conn, "is_deleted"), "1", "{kind}");
        let findings = doctor(&mut conn, &registry).unwrap();
        assert!(
            findings.iter().all(|finding| finding.check != Check::Flags
                && finding.check != Check::ColumnTypes
                || database == Database::Mysql),
            "{findings:?}"
        );
        // A model that was written by hand does not know.
        let flag = soft_delete::Column::new("is_deleted", soft_delete::ColumnKind::Bool);
        let time = soft_delete::Column::new("deleted_at", soft_delete::ColumnKind::Timestamp);
        let by_hand = Descriptor::new(soft_delete::TableName::new("items"), time)
            .key(soft_delete::Column::new("id", soft_delete::ColumnKind::BigInt))
            .is_deleted(flag);
        let findings = doctor(&mut conn, &Registry::new().with_table(by_hand)).unwrap();
        let generated = findings
            .iter()
            .find(|finding| finding.evidence.starts_with("is_deleted is generated"));
        assert_eq!(
            generated.map(|finding| (finding.severity, finding.check)),
            Some((Severity::Error, Check::ColumnTypes))
        );
    }
}

#[test]
fn on_sqlite() {
    let connect = |db: &TestDatabase| sqlite(db.url());
    are_kept_in_step(Database::Sqlite, connect);
    others_are_named(Database::Sqlite, connect);
    generated_columns_are_not_written(Database::Sqlite, connect);
}

#[cfg(feature = "servers")]
#[test]
fn on_postgres() {
    let connect = |db: &TestDatabase| PgConnection::establish(db.url()).unwrap();
    are_kept_in_step(Database::Postgres, connect);
    others_are_named(Database::Postgres, connect);
    generated_columns_are_not_written(Database::Postgres, connect);
}

#[cfg(feature = "servers")]
#[test]
fn on_mariadb() {
    let connect = |db: &TestDatabase| MysqlConnection::establish(db.url()).unwrap();
    are_kept_in_step(Database::Mysql, connect);
    others_are_named(Database::Mysql, connect);
    generated_columns_are_not_written(Database::Mysql, connect);
}

/// A field of a model that holds a flag may be a number, and may be nothing.
#[test]
fn of_models_that_are_derived() {
    use soft_delete::prelude::*;
    diesel::table! {
        items (id) {
            id -> BigInt,
            is_deleted -> Nullable<Integer>,
            deleted_at -> Nullable<Timestamp>,
        }
    }
    #[derive(Queryable, Selectable, Identifiable, SoftDelete)]
    #[diesel(table_name = items)]
    struct Item {
        id: i64,
        is_deleted: Option<i32>,
        deleted_at: Option<NaiveDateTime>,
    }
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.create("CREATE TABLE items (id BIGINT PRIMARY KEY)", Item::descriptor());
    db.sql("INSERT INTO items (id) VALUES (1)");
    let mut conn = sqlite(db.url());
    let mut item: Item = Item::active().first(&mut conn).unwrap();
    assert_eq!(item.is_deleted, Some(0));
    item.soft_delete(&mut conn, Actor::new("ann")).unwrap();
    assert_eq!(item.is_deleted, Some(1));
    let stored: Item = Item::only_deleted().first(&mut conn).unwrap();
    assert_eq!(stored.is_deleted, Some(1));
    item.restore(&mut conn, Actor::new("ann")).unwrap();
    assert_eq!(item.is_deleted, Some(0));
}
