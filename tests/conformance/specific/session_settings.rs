//! What a cleanup sets on a session: it is as it was afterwards, also where nobody waited for the end.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

#[cfg(feature = "servers")]
use crate::support::clock::at_noon;
use chrono::TimeDelta;
#[cfg(feature = "servers")]
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, TransactionManager as _, sync_connection_wrapper::SyncConnectionWrapper,
};
#[cfg(feature = "servers")]
use soft_delete::{Check, Listing, Severity, Stats, Status, doctor};
use soft_delete::{Database, FixedClock, prelude::*};

use crate::support::{
    clock::noon,
    database::{TestDatabase, sqlite},
};

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[allow(dead_code, reason = "a cleanup reads no rows")]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn cleanup(registry: &Registry, micros: i64) -> Cleanup<'_> {
    let due = noon() + TimeDelta::days(30) + TimeDelta::microseconds(micros);
    Cleanup::new(registry)
        .by(Actor::new("cron")
            .because("thirty days")
            .clock(FixedClock::at(due)))
        .trust_clock(true)
        .pause(Duration::ZERO)
}

type AwaitedSqlite = SyncConnectionWrapper<SqliteConnection>;
type Manager = <AwaitedSqlite as AsyncConnection>::TransactionManager;

/// However early a dry run is dropped: either the connection can write, or it tells that it is broken.
#[tokio::test]
async fn a_dry_run_that_is_dropped_leaves_no_setting() {
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.create("CREATE TABLE leads (id BIGINT PRIMARY KEY)", Lead::descriptor());
    db.sql("INSERT INTO leads (id, deleted_at) VALUES (1, '2026-01-15 12:00:00')");
    let registry = Registry::new().with::<Lead>();
    let (mut broken, mut polls) = (0, 0);
    loop {
        polls += 1;
        assert!(polls < 10_000, "it never ends");
        let mut conn = AwaitedSqlite::establish(db.url()).await.unwrap();
        let finished = {
            let mut run = pin!(cleanup(&registry, 0).dry_run(true).run_async(&mut conn));
            let mut left = polls;
            poll_fn(|context| {
                if left == 0 {
                    return Poll::Ready(false);
                }
                left -= 1;
                run.as_mut().poll(context).map(|report| report.is_ok())
            })
            .await
        };
        let status = Manager::transaction_manager_status_mut(&mut conn);
        match status.transaction_depth() {
            Ok(None) => {
                let written = diesel_async::RunQueryDsl::execute(
                    diesel::insert_into(leads::table).values(leads::id.eq(i64::from(polls) + 100)),
                    &mut conn,
                );
                assert_eq!(written.await, Ok(1), "after {polls} polls");
            }
            _ => broken += 1,
        }
        if finished {
            break;
        }
    }
    assert!(broken > 0, "it was dropped in the middle at least once");
}

#[cfg(feature = "servers")]
fn with_timestamps() -> TestDatabase {
    let db = TestDatabase::new(Database::Mysql);
    db.migrate();
    db.sql(
        "SET time_zone = '+00:00'; CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP(6) NULL); INSERT INTO leads VALUES (1, '2026-01-15 12:00:00.12'), (2, NULL)",
    );
    db
}

/// A TIMESTAMP is the same instant in every session, and due at the same moment.
#[cfg(feature = "servers")]
#[test]
fn a_cleanup_counts_in_utc_whatever_the_session_does() {
    for zone in ["-10:00", "+13:00", "+00:00", "SYSTEM"] {
        for (micros, purged) in [(-1, 0), (0, 1)] {
            let db = with_timestamps();
            let mut conn = MysqlConnection::establish(db.url()).unwrap();
            conn.batch_execute(&format!("SET time_zone = '{zone}'")).unwrap();
            let registry = Registry::new().with::<Lead>();
            for dry_run in [true, false] {
                let report = cleanup(&registry, micros)
                    .dry_run(dry_run)
                    .run(&mut conn)
                    .unwrap();
                assert_eq!(report.purged(), purged, "{zone} {micros} {dry_run}");
                assert_eq!(
                    report.models[0].oldest_deleted_at,
                    (purged > 0).then(noon),
                    "{zone}"
                );
            }
            let now = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("@@session.time_zone"));
            assert_eq!(now.get_result::<String>(&mut conn).unwrap(), zone, "as it was");
        }
    }
}

/// Elsewhere a session in another zone reads other hours: the doctor says so, and how to mend it.
#[cfg(feature = "servers")]
#[test]
fn a_session_in_another_zone_is_named() {
    let db = with_timestamps();
    let mut conn = MysqlConnection::establish(db.url()).unwrap();
    let registry = Registry::new().with::<Lead>();
    conn.batch_execute("SET time_zone = '-10:00'").unwrap();
    let findings = doctor(&mut conn, &registry).unwrap();
    let found = findings
        .iter()
        .find(|finding| finding.check == Check::TimeZone)
        .unwrap();
    assert_eq!(found.severity, Severity::Error);
    assert!(
        found.evidence.contains("this session's time zone is -10:00"),
        "{}",
        found.evidence
    );
    Database::use_utc(&mut conn).unwrap();
    let findings = doctor(&mut conn, &registry).unwrap();
    assert!(findings.iter().all(|finding| finding.check != Check::TimeZone));
    let listed = registry
        .list_deleted(&mut conn, "leads", &Listing::new().at(noon()))
        .unwrap();
    assert_eq!(listed.rows[0].deleted_at, Some(noon()));
}

/// With `use_utc` on its connections an application tells the same instants as any other, whatever the server's zone is.
#[cfg(feature = "servers")]
#[test]
fn a_session_that_uses_utc_writes_and_reads_the_same_instants() {
    let db = with_timestamps();
    let registry = Registry::new().with::<Lead>();
    let told = |conn: &mut MysqlConnection| {
        let at = |now| Listing::new().at(now).oldest_first();
        let due = noon() + TimeDelta::days(30);
        let listed = registry.list_deleted(conn, "leads", &at(due)).unwrap();
        let rows: Vec<_> = listed
            .rows
            .into_iter()
            .map(|row| (row.id, row.deleted_at, row.expires_at, row.status))
            .collect();
        let before = due - TimeDelta::microseconds(1);
        let figures = [before, due].map(|now| {
            let figures = Stats::of(&registry).at(now).run(conn).unwrap();
            (figures[0].expired, figures[0].oldest_deleted_at)
        });
        (rows, figures)
    };
    let mut utc = MysqlConnection::establish(db.url()).unwrap();
    utc.batch_execute("SET time_zone = '+00:00'").unwrap();
    for zone in ["-10:00", "+13:00"] {
        let mut conn = MysqlConnection::establish(db.url()).unwrap();
        conn.batch_execute(&format!("SET time_zone = '{zone}'")).unwrap();
        Database::use_utc(&mut conn).unwrap();
        Lead::soft_delete_by_id(&mut conn, 2, at_noon("bob", "left")).unwrap();
        let here = told(&mut conn);
        assert_eq!(here, told(&mut utc), "{zone}");
        assert_eq!(here.1, [(0, Some(noon())), (2, Some(noon()))], "{zone}");
        let due = noon() + TimeDelta::days(30);
        let expired = |now| Lead::expired(now).count().get_result::<i64>(&mut utc).unwrap();
        assert_eq!(
            [due - TimeDelta::microseconds(1), due].map(expired),
            [0, 2],
            "{zone}"
        );
        Lead::restore_by_id(&mut conn, 2, at_noon("bob", "back")).unwrap();
        let active: Vec<i64> = Lead::active().select(leads::id).load(&mut utc).unwrap();
        assert_eq!(active, [2], "{zone}");
    }
}

/// A date that is none is never due, is listed without a time, and named.
#[cfg(feature = "servers")]
#[test]
fn zero_dates_are_never_due_and_named() {
    for sql_type in ["DATETIME(6)", "TIMESTAMP(6)"] {
        let db = TestDatabase::new(Database::Mysql);
        db.migrate();
        db.sql(&format!("CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at {sql_type} NULL); SET sql_mode = ''; INSERT INTO leads VALUES (1, '0000-00-00 00:00:00'), (2, '2026-01-15 12:00:00.12')"));
        let mut conn = MysqlConnection::establish(db.url()).unwrap();
        let registry = Registry::new().with::<Lead>();
        let listed = registry
            .list_deleted(&mut conn, "leads", &Listing::new().at(noon()))
            .unwrap();
        let zero = listed.rows.iter().find(|row| row.id == "1").unwrap();
        assert_eq!(
            (zero.status, zero.deleted_at, zero.expires_at),
            (Status::Deleted, None, None)
        );
        let findings = doctor(&mut conn, &registry).unwrap();
        let named = findings
            .iter()
            .find(|finding| finding.check == Check::UnreadableTimes)
            .unwrap();
        assert!(
            named.evidence.contains("of 1 deleted rows") && named.evidence.contains("never due"),
            "{}",
            named.evidence
        );
        assert_eq!(cleanup(&registry, 0).run(&mut conn).unwrap().purged(), 1);
        let left: Vec<i64> = leads::table.select(leads::id).load(&mut conn).unwrap();
        assert_eq!(left, [1], "{sql_type}");
    }
}

/// A row that cannot go does not keep a pass from its end, however small its batches are.
#[test]
fn batches_of_one_get_beyond_a_row_that_stays() {
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.create("CREATE TABLE leads (id BIGINT PRIMARY KEY)", Lead::descriptor());
    db.sql("INSERT INTO leads (id, deleted_at) VALUES (1, '2026-01-15 12:00:00'), (2, '2026-01-15 12:00:00'), (3, '2026-01-15 12:00:00'); CREATE TRIGGER keep BEFORE DELETE ON leads WHEN old.id = 1 BEGIN SELECT RAISE(ABORT, 'kept'); END");
    let mut conn = sqlite(db.url());
    let registry = Registry::new().with::<Lead>();
    let report = cleanup(&registry, 0).batch_size(1).run(&mut conn).unwrap();
    assert_eq!((report.purged(), report.models[0].blocked_rows), (2, 1));
    let left: Vec<i64> = leads::table.select(leads::id).load(&mut conn).unwrap();
    assert_eq!(left, [1]);
}

/// A cleanup that ends in an error before it begins gives its lease back.
#[test]
fn an_error_leaves_no_lease() {
    let db = TestDatabase::new(Database::Sqlite);
    db.migrate();
    db.create("CREATE TABLE leads (id BIGINT PRIMARY KEY)", Lead::descriptor());
    db.sql("INSERT INTO leads (id, deleted_at) VALUES (1, '2026-01-15 12:00:00'); ALTER TABLE soft_delete_runs RENAME TO elsewhere");
    let mut conn = sqlite(db.url());
    let registry = Registry::new().with::<Lead>();
    assert!(cleanup(&registry, 0).run(&mut conn).is_err());
    db.sql("ALTER TABLE elsewhere RENAME TO soft_delete_runs");
    assert_eq!(cleanup(&registry, 0).run(&mut conn).unwrap().purged(), 1);
}
