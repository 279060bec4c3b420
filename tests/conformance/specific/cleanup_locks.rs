//! A cleanup among locks of others: what is locked is passed over, what is waited for too long or in a circle is tried again, and
//! told.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, mpsc},
    thread,
    time::Duration,
};

use chrono::TimeDelta;
use diesel::{connection::SimpleConnection, prelude::*, query_builder::SqlQuery, query_dsl::LoadQuery};
use soft_delete::{AuditEvent, AuditHook, Database, Dialect, Error, FixedClock, HookError, prelude::*};

use super::cleanup_faults::{Lead, ROWS, filled};
use crate::support::{
    clock::noon,
    database::TestDatabase,
    locks::{Count, WAITING_ON_POSTGRESQL, somebody_waits, waiting_on_mariadb},
};

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

/// The same leads, with a hook that does something else first.
#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(hooks = Interrupted)]
#[allow(dead_code, reason = "a cleanup reads no rows")]
struct InterruptedLead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

/// What an actor does when it is first asked, and how often it is asked.
#[derive(Default)]
struct Interrupted;

#[derive(Default)]
struct Interruption {
    first: Option<Box<dyn FnOnce() + Send>>,
    asked: usize,
}

static INTERRUPTIONS: LazyLock<Mutex<HashMap<String, Interruption>>> = LazyLock::new(Mutex::default);

impl AuditHook for Interrupted {
    fn name(&self) -> &'static str {
        "interrupted"
    }

    fn before(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
        let first = {
            let mut all = INTERRUPTIONS.lock().unwrap();
            let interruption = all.entry(event.actor.to_owned()).or_default();
            interruption.asked += 1;
            interruption.first.take()
        };
        if let Some(first) = first {
            first();
        }
        Ok(())
    }
}

fn cleaning<'r>(registry: &'r Registry, actor: &str) -> Cleanup<'r> {
    let clock = FixedClock::at(noon() + TimeDelta::days(30));
    Cleanup::new(registry)
        .by(Actor::new(actor).because("thirty days").clock(clock))
        .trust_clock(true)
        .max_fraction(1.0)
        .batch_size(200)
        .pause(Duration::ZERO)
}

// Rows that are left, and audit rows of those that went.
fn left<C>(conn: &mut C) -> (i64, i64)
where
    C: diesel::connection::LoadConnection,
    for<'q> SqlQuery: LoadQuery<'q, C, Count>,
{
    let mut count = |query: &str| -> i64 {
        let query = format!("SELECT COUNT(*) AS count FROM {query}");
        let found: Count = diesel::sql_query(query).get_result(conn).unwrap();
        found.count
    };
    (count("leads"), count("soft_delete_audit WHERE action = 'purge'"))
}

/// Somebody locks the audit trail in the middle of a run for longer than it waits: the run ends with what was done until then, and
/// the next one does the rest.
fn a_lock_timeout<C>(mut conn: C, mut other: C, lock_audit: &str)
where
    C: diesel::connection::LoadConnection<Backend: Dialect> + SimpleConnection,
    for<'q> SqlQuery: LoadQuery<'q, C, Count>,
{
    let registry = Registry::new().with::<Lead>();
    let mut batches = 0;
    let failed = cleaning(&registry, "cron")
        .progress(|_| {
            batches += 1;
            if batches == 2 {
                other.batch_execute(lock_audit).unwrap();
            }
        })
        .run(&mut conn)
        .unwrap_err();
    let Error::CleanupFailed { report, source } = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(
        (report.purged(), report.models[0].blocked_rows),
        (400, 0),
        "{source}"
    );
    assert!(source.database().is_some(), "{source}");
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(left(&mut other), (ROWS - 400, 400));
    assert!(cleaning(&registry, "cron").run(&mut conn).unwrap().is_complete());
    assert_eq!(left(&mut other), (0, ROWS));
}

#[test]
fn a_lock_timeout_on_postgresql() {
    let db = filled(Database::Postgres);
    let connect = || PgConnection::establish(db.url()).unwrap();
    let mut conn = connect();
    conn.batch_execute("SET lock_timeout = '50ms'").unwrap();
    a_lock_timeout(
        conn,
        connect(),
        "BEGIN; LOCK TABLE soft_delete_audit IN SHARE MODE",
    );
}

#[test]
fn a_lock_timeout_on_mariadb() {
    let db = filled(Database::Mysql);
    let connect = || MysqlConnection::establish(db.url()).unwrap();
    let mut conn = connect();
    conn.batch_execute("SET SESSION innodb_lock_wait_timeout = 1")
        .unwrap();
    a_lock_timeout(
        conn,
        connect(),
        "BEGIN; SELECT id FROM soft_delete_audit FOR UPDATE",
    );
}

/// A batch has locked its rows and waits for the audit trail; who has locked that waits for one of the rows. The database ends the
/// batch, which is tried again once the other is done, and nothing is told twice.
fn a_deadlock<C>(db: &TestDatabase, [mut conn, mut other, mut watcher]: [C; 3], lock: String, waiting: String)
where
    C: diesel::connection::LoadConnection<Backend: Dialect> + SimpleConnection + 'static,
    for<'q> SqlQuery: LoadQuery<'q, C, Count>,
{
    let registry = Registry::new().with::<InterruptedLead>();
    let actor = format!("cron {}", db.url());
    let (locked, has_locked) = mpsc::channel();
    let interruption = move || {
        other.batch_execute(&lock).unwrap();
        locked.send(other).unwrap();
        assert!(somebody_waits(&mut watcher, &waiting));
    };
    INTERRUPTIONS.lock().unwrap().insert(
        actor.clone(),
        Interruption {
            first: Some(Box::new(interruption)),
            asked: 0,
        },
    );
    let report = thread::scope(|scope| {
        scope.spawn(move || {
            let mut other: C = has_locked.recv().unwrap();
            other
                .batch_execute("UPDATE leads SET deletion_id = NULL WHERE id = 1")
                .unwrap();
            other.batch_execute("COMMIT").unwrap();
        });
        cleaning(&registry, &actor).run(&mut conn)
    });
    let report = report.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!(left(&mut conn), (0, ROWS));
    let asked = INTERRUPTIONS.lock().unwrap()[&actor].asked;
    assert_eq!(asked, usize::try_from(ROWS).unwrap() / 200 + 1, "one batch twice");
}

#[test]
fn a_deadlock_on_postgresql() {
    let db = filled(Database::Postgres);
    let mut conns = [(); 3].map(|()| PgConnection::establish(db.url()).unwrap());
    // Who looks first for a circle is the one that is ended.
    conns[0].batch_execute("SET deadlock_timeout = '10ms'").unwrap();
    let lock = "BEGIN; LOCK TABLE soft_delete_audit IN SHARE MODE".to_owned();
    a_deadlock(&db, conns, lock, WAITING_ON_POSTGRESQL.to_owned());
}

#[test]
fn a_deadlock_on_mariadb() {
    let db = filled(Database::Mysql);
    db.sql("CREATE TABLE weights (id BIGINT PRIMARY KEY)");
    let conns = [(); 3].map(|()| MysqlConnection::establish(db.url()).unwrap());
    // Who has changed less is ended.
    let lock = "BEGIN; INSERT INTO weights SELECT seq FROM seq_1_to_5000; SELECT id FROM soft_delete_audit FOR UPDATE";
    a_deadlock(&db, conns, lock.to_owned(), waiting_on_mariadb(&db));
}

/// A row that somebody has locked is passed over without waiting, taken in the last pass if it is free by then, and else told as skipped.
#[test]
fn a_locked_row_is_passed_over() {
    let connect = |url: &str| PgConnection::establish(url).unwrap();
    let db = filled(Database::Postgres);
    db.sql("DELETE FROM leads WHERE id > 1000");
    let lock = "BEGIN; SELECT id FROM leads WHERE id = 3 FOR UPDATE";
    let mut other = connect(db.url());
    other.batch_execute(lock).unwrap();
    let mut conn = connect(db.url());
    let registry = Registry::new().with::<Lead>();
    let clock = FixedClock::at(noon() + TimeDelta::days(30));
    let cleanup = || {
        let who = Actor::new("cron").because("thirty days").clock(clock.clone());
        Cleanup::new(&registry)
            .by(who)
            .trust_clock(true)
            .batch_size(200)
            .pause(Duration::ZERO)
    };
    let held = cleanup().max_rows(400).run(&mut conn).unwrap();
    assert_eq!(held.purged(), 400);
    let mut batches = 0;
    let freed = cleanup().progress(|_| {
        batches += 1;
        if batches == 2 {
            // The first pass is past it by now.
            other.batch_execute("ROLLBACK").unwrap();
        }
    });
    let report = freed.run(&mut conn).unwrap();
    assert_eq!((report.purged(), report.models[0].skipped), (600, 0), "{report}");
    db.sql("INSERT INTO leads (id, deleted_at) VALUES (3, '2026-01-15 12:00:00.12'), (4, '2026-01-15 12:00:00.12')");
    other.batch_execute(lock).unwrap();
    let report = cleanup().run(&mut conn).unwrap();
    assert_eq!(
        (report.purged(), report.models[0].skipped, report.is_complete()),
        (1, 1, false),
        "{report}"
    );
    other.batch_execute("ROLLBACK").unwrap();
    assert!(cleanup().run(&mut conn).unwrap().is_complete());
}

/// A batch that has begun, and waits for a hold that is just being placed, sees it: also one statement, which sees no more than was
/// there at its beginning.
#[test]
fn a_hold_is_seen_by_the_batch_that_waits_for_it() {
    let db = filled(Database::Postgres);
    let connect = || PgConnection::establish(db.url()).unwrap();
    let (mut holder, mut watcher, mut conn) = (connect(), connect(), connect());
    let registry = Registry::new().with::<Lead>();
    let clock = FixedClock::at(noon() + TimeDelta::days(30));
    let who = Actor::new("cron").because("thirty days").clock(clock);
    let (begun, has_begun) = mpsc::channel();
    let report = thread::scope(|scope| {
        scope.spawn(move || {
            let mut holder: PgConnection = has_begun.recv().unwrap();
            let waits = somebody_waits(&mut watcher, WAITING_ON_POSTGRESQL);
            holder.batch_execute("COMMIT").unwrap();
            assert!(waits);
        });
        // Before the first batch, and after everything that a run does before it.
        let mut asked = false;
        let mut place = Some(move || {
            holder.batch_execute("BEGIN").unwrap();
            // Diesel does not know of this transaction, so the hold is written as the library writes it.
            holder
                .batch_execute("UPDATE soft_delete_leases SET term = term + 1 WHERE name = 'holds'; INSERT INTO soft_delete_holds (id, model, reason, actor, placed_at) VALUES (gen_random_uuid(), 'leads', 'case 17', 'legal', now())")
                .unwrap();
            begun.send(holder).unwrap();
        });
        let cleanup = Cleanup::new(&registry)
            .by(who)
            .trust_clock(true)
            .max_fraction(1.0)
            .throttle(move |_| {
                if !std::mem::replace(&mut asked, true) {
                    place.take().unwrap()();
                }
                None
            });
        cleanup.run(&mut conn).unwrap()
    });
    assert_eq!(
        (report.purged(), report.models[0].held),
        (0, ROWS as u64),
        "{report}"
    );
}
