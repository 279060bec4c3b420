//! Cleanups at regular times on a server: several instances, one that is killed, one that is told to stop, an outage.

use std::time::{Duration, Instant};

use crate::{
    postgres::{Database, Way},
    schedule::{Instance, do_the_work_once, events, until},
    support::Folder,
};

const ROWS: i64 = 1_000;

/// Slow enough to be met in the middle, by its pauses.
const SLOWLY: [&str; 6] = ["--every", "2s", "--batch-size", "10", "--pause", "100"];

fn prepared() -> (Folder, Database) {
    let database = Database::new();
    database.sql(&format!(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, full_name TEXT NOT NULL, deleted_at TIMESTAMPTZ);
         INSERT INTO leads SELECT i, 'x', '2020-01-15 12:00:00Z' FROM generate_series(1, {ROWS}) AS i;
         INSERT INTO leads SELECT i, 'x' FROM generate_series({ROWS} + 1, {ROWS} + 5) AS i"
    ));
    let folder = Folder::on(&database.url());
    for words in [&["init"][..], &["migrate", "up"]] {
        let ran = folder.run(words);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    (folder, database)
}

fn purged(database: &Database) -> i64 {
    database.count("soft_delete_audit WHERE action = 'purge'")
}

// Whatever happened: a row is here or in the trail, once, and no active row is gone.
fn assert_nothing_is_lost(database: &Database) {
    assert_eq!(database.count("leads WHERE deleted_at IS NULL"), 5);
    let expired = database.count("leads WHERE deleted_at IS NOT NULL");
    assert_eq!(expired + purged(database), ROWS);
    let audited = "(SELECT DISTINCT record_id FROM soft_delete_audit WHERE action = 'purge') AS once";
    assert_eq!(database.count(audited), purged(database));
}

/// Two instances on one server do each cleanup once.
#[test]
fn two_instances_do_each_cleanup_once() {
    let (folder, database) = prepared();
    do_the_work_once(&folder);
    assert_eq!(purged(&database), ROWS);
    assert_nothing_is_lost(&database);
}

/// When the leader is killed in the middle of its work, the other goes on within two lease times.
#[test]
fn another_instance_takes_over() {
    let (folder, database) = prepared();
    let leader = Instance::begun(&folder, &SLOWLY);
    until("the leader is at work", || purged(&database) > 50);
    let second = Instance::begun(&folder, &["--every", "2s"]);
    leader.killed();
    let left = database.count("leads WHERE deleted_at IS NOT NULL");
    assert!(left > 0, "the leader was killed in the middle");
    assert_nothing_is_lost(&database);
    let since = Instant::now();
    until("the other has done the rest", || purged(&database) == ROWS);
    assert!(since.elapsed() < Duration::from_secs(30), "{:?}", since.elapsed());
    assert_nothing_is_lost(&database);
    let (lines, code) = second.stopped();
    assert_eq!(code, Some(0));
    assert_eq!(events(&lines, "failed"), 0, "{lines:?}");
}

/// SIGTERM in the middle of a cleanup: it ends after its batch, and the database is as after a batch.
#[test]
fn a_signal_ends_it_after_a_batch() {
    let (folder, database) = prepared();
    let child = Instance::begun(&folder, &SLOWLY);
    until("it is at work", || purged(&database) > 50);
    let (lines, code) = child.stopped();
    assert_eq!(code, Some(0));
    let gone = purged(&database);
    assert!(gone < ROWS && gone % 10 == 0, "{gone}");
    assert_nothing_is_lost(&database);
    let run = lines
        .iter()
        .find(|line| line["message"] == "cleanup")
        .expect("the run's end");
    assert_eq!(
        (&run["stopped"], &run["purged"]),
        (&"requested".into(), &gone.into())
    );
    assert_eq!(database.count("soft_delete_runs WHERE state = 'stopped'"), 1);
    assert_eq!(
        database.count("soft_delete_leases WHERE name = 'cleanup' AND expires_at > now()"),
        0
    );
}

/// The database is away for half a minute in the middle of a cleanup, and back: the work is done, by the same process.
#[test]
fn half_a_minute_without_database() {
    let (folder, database) = prepared();
    let way = Way::to(database.address());
    let url = way.by(&database.url(), &database.address());
    let words = [&SLOWLY[..], &["--retry", "1s", "--database-url", &url]].concat();
    let child = Instance::begun(&folder, &words);
    until("it is at work", || purged(&database) > 50);
    way.cut();
    // What was sent before may still be done.
    std::thread::sleep(Duration::from_secs(2));
    let gone = purged(&database);
    assert!(gone < ROWS, "it was cut off in the middle");
    assert_nothing_is_lost(&database);
    std::thread::sleep(Duration::from_secs(28));
    assert_eq!(purged(&database), gone);
    way.mend();
    until("the rest is done", || purged(&database) == ROWS);
    assert_nothing_is_lost(&database);
    let (lines, code) = child.stopped();
    assert_eq!(code, Some(0));
    assert!(events(&lines, "failed") > 3, "{lines:?}");
}

/// The database is away when it begins, so that nobody knows the models: it waits, stops when it is told to, and works when it is back.
#[test]
fn a_database_that_is_away_at_first() {
    let (folder, database) = prepared();
    let way = Way::to(database.address());
    let url = way.by(&database.url(), &database.address());
    way.cut();
    let words = ["--every", "2s", "--retry", "1s", "--database-url", &url];
    let (stopped, child) = (Instance::begun(&folder, &words), Instance::begun(&folder, &words));
    until("it has failed twice", || {
        events(&stopped.told(), "failed") > 1 && events(&child.told(), "failed") > 1
    });
    let (lines, code) = stopped.stopped();
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!((events(&lines, "scheduled"), events(&lines, "stopped")), (1, 1));
    assert_eq!(purged(&database), 0);
    way.mend();
    until("the rows are purged", || purged(&database) == ROWS);
    assert_nothing_is_lost(&database);
    let (lines, code) = child.stopped();
    assert_eq!(code, Some(0), "{lines:?}");
    // What makes no sense is told at once, also then.
    way.cut();
    for wrong in [
        &["--cron", "every night", "--database-url", &url][..],
        &["--database-url", "oracle://db"],
    ] {
        let ran = folder.run(&[&["schedule", "run"], wrong].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
    }
}
