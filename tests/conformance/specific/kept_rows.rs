//! Rows that the database keeps without an error: they are named, counted and told as what they are.

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::{LoadConnection, SimpleConnection},
    query_builder::SqlQuery,
    query_dsl::LoadQuery,
    sql_query, sql_types,
};
use soft_delete::{
    Actor, CauseKind, Cleanup, Database, Dialect, Error, FixedClock, Page, Registry, discover, runs,
};

use crate::support::{clock::noon, database::TestDatabase};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = sql_types::Text)]
    line: String,
}

/// Every table with `deleted_at` as a model.
pub(super) fn found<C>(conn: &mut C) -> Registry
where
    C: LoadConnection<Backend: Dialect>,
{
    let mut registry = Registry::new();
    for table in discover(conn, "deleted_at").unwrap() {
        if let Ok(model) = table.descriptor(&table.roles("deleted_at")) {
            registry = registry.with_table(model);
        }
    }
    registry
}

/// A trigger that keeps these rows.
fn trigger(database: Database, kept: &str) -> String {
    match database {
        Database::Postgres => format!(
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id IN ({kept}) THEN RETURN NULL; END IF; RETURN OLD; END $$;
             CREATE TRIGGER keep_it BEFORE DELETE ON items FOR EACH ROW EXECUTE FUNCTION keep()"
        ),
        _ => format!(
            "CREATE TRIGGER keep_it BEFORE DELETE ON items WHEN OLD.id IN ({kept}) BEGIN SELECT RAISE(IGNORE); END"
        ),
    }
}

fn on<C>(db: &TestDatabase, mut conn: C)
where
    C: LoadConnection<Backend: Dialect> + SimpleConnection,
    for<'q> SqlQuery: LoadQuery<'q, C, Line>,
{
    db.sql("CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, deleted_at TIMESTAMP)");
    db.sql("WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 900) INSERT INTO items (id, deleted_at) SELECT id, '2020-01-01 00:00:00' FROM n");
    db.sql(&trigger(db.database(), "1, 450, 451, 900"));
    db.migrate();
    let registry = found(&mut conn);
    let cleanup = || {
        Cleanup::new(&registry)
            .by(Actor::new("cron").because("old").clock(FixedClock::at(noon())))
            .trust_clock(true)
            .batch_size(200)
            .pause(std::time::Duration::ZERO)
    };
    for removed in [896, 0] {
        let report = cleanup().run(&mut conn).unwrap();
        let items = report.model("items").unwrap();
        assert_eq!(
            (items.purged, items.blocked_rows, items.skipped),
            (removed, 4, 0),
            "{report}"
        );
        let named: Vec<&str> = items.blocked.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(named, ["1", "450", "451", "900"]);
        assert_eq!(items.blocked[0].constraint, "the trigger keep_it kept it");
        let cause = &items.causes[0];
        assert_eq!(
            (
                items.causes.len(),
                cause.kind,
                cause.constraint.as_deref(),
                cause.rows
            ),
            (1, CauseKind::Trigger, Some("keep_it"), 4)
        );
        assert!(!report.is_complete());
        let told = report.to_string();
        assert!(
            told.contains("4 rows of items stay: the trigger keep_it kept them; "),
            "{told}"
        );
        assert!(told.ends_with("4 rows that were due stay"), "{told}");
        let all = runs(&mut conn, Page::of(9)).unwrap();
        let run = all.iter().find(|run| run.id.as_uuid() == report.run_id).unwrap();
        assert_eq!((run.purged, run.blocked, run.skipped), (removed, 4, 0));
    }
    let left = "SELECT CAST(COUNT(*) AS CHAR(9)) AS line FROM items";
    let left: Line = sql_query(left).get_result(&mut conn).unwrap();
    assert_eq!(left.line.trim(), "4");
    let audited = "SELECT CAST(COUNT(*) AS CHAR(9)) AS line FROM soft_delete_audit WHERE action = 'purge'";
    let audited: Line = sql_query(audited).get_result(&mut conn).unwrap();
    assert_eq!(audited.line.trim(), "896");
    // Nor by hand, and the trigger is named.
    let items = registry.records("items").unwrap();
    let kept = items
        .force_delete(
            &mut conn,
            &["1", "450"],
            Actor::new("admin").because("request 12"),
        )
        .unwrap_err();
    assert!(
        matches!(&kept, Error::KeptByTrigger { model, rows: 2, trigger } if (model.as_str(), trigger.as_str()) == ("items", "keep_it")),
        "{kept:?}"
    );
    assert!(
        kept.to_string().contains("the trigger keep_it kept them"),
        "{kept}"
    );
}

#[test]
fn a_trigger_that_keeps_rows_is_named_on_sqlite() {
    let db = TestDatabase::new(Database::Sqlite);
    on(&db, crate::support::database::sqlite(db.url()));
}

#[cfg(feature = "servers")]
#[test]
fn a_trigger_that_keeps_rows_is_named_on_postgres() {
    let db = TestDatabase::new(Database::Postgres);
    on(
        &db,
        <diesel::PgConnection as diesel::Connection>::establish(db.url()).unwrap(),
    );
}
