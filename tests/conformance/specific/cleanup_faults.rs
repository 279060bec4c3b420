//! What a cleanup makes of a database that does not let it: told by name, nothing half done, and the next run goes on.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::{connection::SimpleConnection, prelude::*};
use soft_delete::{CleanupReport, Database, Error, FixedClock, Stopped, prelude::*};

use crate::support::{
    clock::noon,
    database::{TestDatabase, sqlite},
    hook::seen,
};

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[allow(dead_code, reason = "a cleanup reads no rows")]
pub(super) struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<DeletionId>,
}

/// The same leads, with a hook.
#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(hooks = crate::support::hook::Watcher)]
#[allow(dead_code, reason = "a cleanup reads no rows")]
struct WatchedLead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<DeletionId>,
}

pub(super) const ROWS: i64 = 2_000;

pub(super) fn filled(database: Database) -> TestDatabase {
    let db = TestDatabase::new(database);
    db.migrate();
    db.create("CREATE TABLE leads (id BIGINT PRIMARY KEY)", Lead::descriptor());
    let rows: Vec<String> = (1..=ROWS)
        .map(|id| format!("({id}, '2026-01-15 12:00:00.12')"))
        .collect();
    db.sql(&format!(
        "INSERT INTO leads (id, deleted_at) VALUES {}",
        rows.join(", ")
    ));
    db
}

pub(super) fn clean<C>(conn: &mut C, dry_run: bool) -> soft_delete::Result<CleanupReport>
where
    C: diesel::connection::LoadConnection<Backend: soft_delete::Dialect>,
{
    let registry = Registry::new().with::<Lead>();
    Cleanup::new(&registry)
        .by(Actor::new("cron")
            .because("thirty days")
            .clock(FixedClock::at(noon() + TimeDelta::days(30))))
        .trust_clock(true)
        .max_fraction(1.0)
        .batch_size(200)
        .pause(Duration::ZERO)
        .dry_run(dry_run)
        .run(conn)
}

// Rows that are left, and audit rows of those that went.
fn left(db: &TestDatabase) -> (i64, i64) {
    let mut conn = sqlite(db.url());
    let rows = leads::table.count().get_result(&mut conn).unwrap();
    let told = diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "SELECT COUNT(*) FROM soft_delete_audit WHERE action = 'purge'",
    );
    (rows, told.get_result(&mut conn).unwrap())
}

/// A file that cannot be written is no place for a cleanup, and a fine one for a dry run, which writes nothing.
#[test]
fn a_read_only_file_is_only_looked_at() {
    let db = filled(Database::Sqlite);
    let mut conn = SqliteConnection::establish(&format!("file:{}?mode=ro", db.url())).unwrap();
    let refused = clean(&mut conn, false).unwrap_err();
    assert!(
        matches!(&refused, Error::NotPermitted { what, .. } if what == "DELETE on leads"),
        "{refused:?}"
    );
    assert_eq!(clean(&mut conn, true).unwrap().purged(), 2_000);
    assert_eq!(left(&db), (ROWS, 0));
}

/// A row that is refused is passed by, also where a batch is a single row: the run comes to its end and tells of each row once.
#[test]
fn batches_of_one_get_past_rows_that_are_refused() {
    let db = filled(Database::Sqlite);
    db.sql(
        "DELETE FROM leads WHERE id > 3;
         CREATE TRIGGER kept BEFORE DELETE ON leads WHEN OLD.id < 3 BEGIN SELECT RAISE(ABORT, 'kept'); END",
    );
    let registry = Registry::new().with::<Lead>();
    let report = Cleanup::new(&registry)
        .by(Actor::new("cron")
            .because("a test")
            .clock(FixedClock::at(noon() + TimeDelta::days(30))))
        .trust_clock(true)
        .max_fraction(1.0)
        .batch_size(1)
        .max_duration(Duration::from_secs(60))
        .pause(Duration::ZERO)
        .run(&mut sqlite(db.url()))
        .unwrap();
    assert_eq!(report.stopped, Stopped::Completed, "{report}");
    let leads = report.model("leads").unwrap();
    let blocked: Vec<&str> = leads.blocked.iter().map(|row| row.id.as_str()).collect();
    assert_eq!((leads.purged, blocked), (1, vec!["1", "2"]), "{report}");
    assert_eq!(left(&db), (2, 1));
}

/// In a dry run not even a hook or a mistake of ours could write, and nothing is left of that afterwards.
#[test]
fn a_dry_run_changes_nothing() {
    let db = filled(Database::Sqlite);
    let mut conn = sqlite(db.url());
    let changes = || diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT total_changes()");
    let before: i64 = changes().get_result(&mut conn).unwrap();
    assert_eq!(clean(&mut conn, true).unwrap().purged(), 2_000);
    assert_eq!(changes().get_result(&mut conn), Ok(before));
    let is_free: i64 =
        diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT query_only FROM pragma_query_only")
            .get_result(&mut conn)
            .unwrap();
    assert_eq!((is_free, left(&db)), (0, (ROWS, 0)));
}

/// A full disk ends the run with what was done until then; with room again the next run does the rest.
#[test]
fn a_full_disk_ends_the_run() {
    let db = filled(Database::Sqlite);
    let mut conn = sqlite(db.url());
    conn.batch_execute("PRAGMA journal_mode = DELETE").unwrap();
    let pages: i64 =
        diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT page_count FROM pragma_page_count")
            .get_result(&mut conn)
            .unwrap();
    // Room for the audit rows of a few batches.
    conn.batch_execute(&format!("PRAGMA max_page_count = {}", pages + 40))
        .unwrap();
    let full = clean(&mut conn, false).unwrap_err();
    let Error::CleanupFailed { report, source } = &full else {
        panic!("{full:?}")
    };
    assert!(source.to_string().contains("full"), "{source}");
    let (rows, told) = left(&db);
    assert_eq!((report.stopped, report.purged()), (Stopped::Failed, told as u64));
    assert!(told > 0 && rows + told == ROWS, "{rows} left, {told} told");
    conn.batch_execute("PRAGMA max_page_count = 100000").unwrap();
    assert!(clean(&mut conn, false).unwrap().is_complete());
    assert_eq!(left(&db), (0, ROWS));
}

/// While somebody else writes for longer than the connection waits, nothing begins; afterwards everything goes.
#[test]
fn a_busy_database_is_tried_again_and_told() {
    let db = filled(Database::Sqlite);
    let mut writer = sqlite(db.url());
    writer.batch_execute("BEGIN IMMEDIATE").unwrap();
    let mut conn = sqlite(db.url());
    conn.batch_execute("PRAGMA busy_timeout = 1").unwrap();
    let busy = clean(&mut conn, false).unwrap_err();
    assert!(busy.to_string().contains("DELETE on leads"), "{busy}");
    writer.batch_execute("ROLLBACK").unwrap();
    assert!(clean(&mut conn, false).unwrap().is_complete());
    assert_eq!(left(&db), (0, ROWS));
}

/// A row that the database itself refuses, for a reason of its own, stays and is named; wherever it stands, the rest goes.
#[test]
fn a_refused_row_keeps_no_other() {
    for refused in [&[1][..], &[777], &[ROWS], &[1, 777, ROWS], &[201, 202]] {
        let db = filled(Database::Sqlite);
        let mut conn = sqlite(db.url());
        let ids: Vec<String> = refused.iter().map(ToString::to_string).collect();
        conn.batch_execute(&format!(
            "CREATE TRIGGER keep BEFORE DELETE ON leads WHEN OLD.id IN ({}) BEGIN SELECT RAISE(ABORT, 'kept by the law'); END",
            ids.join(", ")
        ))
        .unwrap();
        let leads = clean(&mut conn, false).unwrap().models.remove(0);
        assert_eq!(
            (leads.purged as i64, leads.blocked_rows),
            (ROWS - refused.len() as i64, refused.len() as u64),
            "{refused:?}"
        );
        assert_eq!(
            leads.blocked.iter().map(|row| row.id.clone()).collect::<Vec<_>>(),
            ids
        );
        assert_eq!(leads.blocked[0].constraint, "kept by the law");
        let kept: Vec<i64> = leads::table
            .order(leads::id)
            .select(leads::id)
            .load(&mut conn)
            .unwrap();
        assert_eq!(kept, refused);
    }
}

/// When a batch goes in parts, its hook is told once of every row that went, and of no other.
#[test]
fn a_hook_is_told_what_went_in_parts() {
    let db = filled(Database::Sqlite);
    db.sql("DELETE FROM leads WHERE id > 5");
    db.sql("CREATE TRIGGER keep BEFORE DELETE ON leads WHEN OLD.id = 3 BEGIN SELECT RAISE(ABORT, 'kept by the law'); END");
    let registry = Registry::new().with::<WatchedLead>();
    let who = format!("cron {}", db.url());
    let clock = FixedClock::at(noon() + TimeDelta::days(30));
    let cleanup = Cleanup::new(&registry)
        .by(Actor::new(&who).because("thirty days").clock(clock))
        .trust_clock(true);
    let report = cleanup.run(&mut sqlite(db.url())).unwrap();
    assert_eq!((report.purged(), report.models[0].blocked_rows), (4, 1));
    let told = seen(&who);
    let after: Vec<&String> = told.iter().filter(|line| line.starts_with("after")).collect();
    assert_eq!(
        after,
        ["after purge leads [\"1\", \"2\", \"4\", \"5\"]"],
        "{told:?}"
    );
}

/// What a user may not do is told by name before anything is removed.
#[cfg(feature = "servers")]
#[test]
fn missing_rights_are_told_by_name() {
    let db = filled(Database::Postgres);
    let role = format!("cleaner_{}", db.url().rsplit('/').next().unwrap());
    db.sql(&format!(
        "CREATE ROLE {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let mut conn = PgConnection::establish(db.url()).unwrap();
    conn.batch_execute(&format!("SET ROLE {role}")).unwrap();
    for (missing, grant) in [
        ("DELETE on leads", "DELETE ON leads"),
        ("INSERT on soft_delete_audit", "INSERT ON soft_delete_audit"),
    ] {
        let refused = clean(&mut conn, false).unwrap_err();
        assert!(
            matches!(&refused, Error::NotPermitted { what, .. } if what == missing),
            "{refused:?}"
        );
        assert_eq!(
            clean(&mut conn, true).unwrap().purged(),
            2_000,
            "a dry run needs no more than to read"
        );
        db.sql(&format!("GRANT {grant} TO {role}"));
    }
    db.sql(&format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"));
    conn.batch_execute("SET default_transaction_read_only = on")
        .unwrap();
    let refused = clean(&mut conn, false).unwrap_err();
    assert!(matches!(&refused, Error::NotPermitted { .. }), "{refused:?}");
    conn.batch_execute("SET default_transaction_read_only = off")
        .unwrap();
    assert!(clean(&mut conn, false).unwrap().is_complete());
    drop(conn);
    db.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
