//! A panic of the application in the middle of a cleanup: the run is over, and the next one waits for nobody.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use chrono::TimeDelta;
use diesel::{connection::LoadConnection, prelude::*};
use diesel_async::{AsyncConnection, sync_connection_wrapper::SyncConnectionWrapper};
use soft_delete::{
    Database, Dialect, FixedClock, Page, RunState, ScheduleEvent, Scheduler, prelude::*, runs,
};

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

fn with_leads(database: Database) -> TestDatabase {
    let db = TestDatabase::new(database);
    db.migrate();
    db.create("CREATE TABLE leads (id BIGINT PRIMARY KEY)", Lead::descriptor());
    db.sql("INSERT INTO leads (id, deleted_at) VALUES (1, '2026-01-15 12:00:00'), (2, '2026-01-15 12:00:00'), (3, '2026-01-15 12:00:00')");
    db
}

fn due() -> FixedClock {
    FixedClock::at(noon() + TimeDelta::days(31))
}

fn cleanup(registry: &Registry) -> Cleanup<'_> {
    Cleanup::new(registry)
        .by(Actor::new("cron").because("thirty days").clock(due()))
        .trust_clock(true)
        .batch_size(1)
        .pause(Duration::ZERO)
}

// Before the panic reaches the caller, the run is noted as failed and its lease is given back.
fn is_over<C>(mut connect: impl FnMut() -> C)
where
    C: LoadConnection<Backend: Dialect>,
{
    let registry = Registry::new().with::<Lead>();
    let mut conn = connect();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        cleanup(&registry)
            .progress(|_| panic!("in progress"))
            .run(&mut conn)
    }));
    let told = panicked.expect_err("the panic goes on");
    assert_eq!(told.downcast_ref::<&str>(), Some(&"in progress"));
    drop(conn);

    let mut conn = connect();
    let run = &runs(&mut conn, Page::of(10)).expect("runs")[0];
    assert_eq!(
        (run.state, run.error.as_deref()),
        (RunState::Failed, Some("it panicked"))
    );
    assert!(run.finished_at.is_some());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        cleanup(&registry)
            .throttle(|_| panic!("before a batch"))
            .run(&mut conn)
    }));
    assert!(panicked.is_err(), "no other run has the lease");
    drop(conn);

    let report = cleanup(&registry).run(&mut connect()).expect("no lease is left");
    assert_eq!(
        report.purged(),
        2,
        "what was committed before is gone, and nothing else"
    );
}

#[test]
fn a_run_that_panics_is_over_on_sqlite() {
    let db = with_leads(Database::Sqlite);
    is_over(|| sqlite(db.url()));
}

#[cfg(feature = "servers")]
#[test]
fn a_run_that_panics_is_over_on_postgresql() {
    let db = with_leads(Database::Postgres);
    is_over(|| PgConnection::establish(db.url()).expect("a connection"));
}

#[cfg(feature = "servers")]
#[test]
fn a_run_that_panics_is_over_on_mariadb() {
    let db = with_leads(Database::Mysql);
    is_over(|| MysqlConnection::establish(db.url()).expect("a connection"));
}

/// A task is over as well, and with it what it held.
#[tokio::test]
async fn a_task_that_panics_is_over() {
    let db = with_leads(Database::Sqlite);
    let url = db.url().to_owned();
    let task = tokio::spawn(async move {
        let registry = Registry::new().with::<Lead>();
        let mut conn = SyncConnectionWrapper::<SqliteConnection>::establish(&url)
            .await
            .expect("a connection");
        let run = cleanup(&registry).progress(|_| panic!("in progress"));
        run.run_async(&mut conn).await.map(drop)
    });
    assert!(task.await.expect_err("it panicked").is_panic());
    let registry = Registry::new().with::<Lead>();
    let mut conn = sqlite(db.url());
    assert_eq!(
        runs(&mut conn, Page::of(10)).expect("runs")[0].state,
        RunState::Failed
    );
    assert_eq!(
        cleanup(&registry)
            .run(&mut conn)
            .expect("no lease is left")
            .purged(),
        2
    );
}

/// Batches that were committed before it stay committed, with their audit rows.
#[test]
fn a_panic_keeps_what_was_committed() {
    let db = with_leads(Database::Sqlite);
    let registry = Registry::new().with::<Lead>();
    let mut conn = sqlite(db.url());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        cleanup(&registry)
            .progress(|_| panic!("in progress"))
            .run(&mut conn)
    }));
    assert!(panicked.is_err());
    drop(conn);
    let mut conn = sqlite(db.url());
    let left: Vec<i64> = leads::table
        .select(leads::id)
        .order(leads::id)
        .load(&mut conn)
        .expect("rows");
    assert_eq!(left, [2, 3]);
    let entries = soft_delete::audit(&mut conn, &soft_delete::Trail::new()).expect("entries");
    assert_eq!(entries.len(), 1, "one for the row that is gone");
}

/// When the thread of a scheduler panics, the next scheduler can begin at once.
#[test]
fn a_scheduler_that_panics_leaves_its_turn_to_others() {
    let db = with_leads(Database::Sqlite);
    let registry = Registry::new().with::<Lead>();
    let hour = Duration::from_secs(3_600);
    let clock = due();
    clock.advance(TimeDelta::seconds(1));
    let url = db.url().to_owned();
    let broken = Scheduler::every(&registry, hour)
        .expect("a scheduler")
        .clock(clock.clone());
    let broken = broken.cleanup(|run| {
        run.by(Actor::new("app").because("a month is over").clock(due()))
            .trust_clock(true)
            .batch_size(1)
            .progress(|_| panic!("in progress"))
    });
    let thread = std::thread::spawn(move || broken.run(|| SqliteConnection::establish(&url)));
    assert!(thread.join().is_err());

    let next = Scheduler::every(&registry, hour)
        .expect("a scheduler")
        .clock(clock);
    let stop = next.stop_handle();
    let next = next.cleanup(|run| {
        run.by(Actor::new("app").because("a month is over").clock(due()))
            .trust_clock(true)
    });
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = told.clone();
    let next = next.listen(move |event| {
        heard.lock().expect("events").push(match event {
            ScheduleEvent::Done(report) => format!("done {}", report.purged()),
            other => format!("{other:?}"),
        });
        stop.stop();
    });
    next.run(|| SqliteConnection::establish(db.url()));
    let left: Vec<i64> = leads::table
        .select(leads::id)
        .load(&mut sqlite(db.url()))
        .expect("rows");
    assert_eq!(
        (told.lock().expect("events").as_slice(), left.len()),
        (&["done 2".to_owned()][..], 0)
    );
}
