//! A server that crashes: one of its processes is killed, so that it stops all others at once and recovers from its log.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use soft_delete::Error;

use super::{
    killed::{BATCH, DUE, Moment, check, cleaning, every_model, fill, refill},
    *,
};

/// How often it crashes.
const CRASHES: usize = 100;

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
}

// Returns when the server has stopped this connection, and takes others again.
fn recovered(db: &TestDatabase, mut witness: Conn) {
    let since = Instant::now();
    while witness.batch_execute("SELECT 1").is_ok() || Conn::establish(db.url()).is_err() {
        assert!(since.elapsed() < Duration::from_secs(60), "no recovery");
        thread::sleep(Duration::from_millis(10));
    }
}

/// After many crashes rows and audit rows make up what there was, each once, and a last run completes.
#[test]
fn a_crashed_server_loses_nothing() {
    let db = TestDatabase::on_crashing_postgres();
    fill(&db);
    let registry = every_model();
    let start = Instant::now();
    cleaning(&registry).run(&mut connect(&db)).unwrap();
    let whole = start.elapsed();
    refill(&db);
    let mut amid = 0;
    for _ in 0..CRASHES {
        let before = check(&db);
        if before < DUE / 2 {
            refill(&db);
        }
        let before = check(&db);
        let (mut victim, witness) = (connect(&db), connect(&db));
        let id: Id = diesel::sql_query("SELECT CAST(pg_backend_pid() AS BIGINT) AS id")
            .get_result(&mut victim)
            .unwrap();
        let outcome = Moment::within(20, whole).meanwhile(
            move || {
                let killed = Command::new("kill").args(["-KILL", &id.id.to_string()]).status();
                assert!(killed.unwrap().success());
            },
            |after_batch| cleaning(&registry).progress(after_batch).run(&mut victim),
        );
        recovered(&db, witness);
        let after = check(&db);
        match outcome {
            Err(Error::CleanupFailed { report, .. }) => {
                amid += usize::from(report.purged() > 0);
                // The commit of the last batch may have been done without an answer.
                let told = i64::try_from(report.purged()).unwrap();
                assert!(
                    (told..=told + BATCH).contains(&(before - after)),
                    "{told} of {}",
                    before - after
                );
            }
            Ok(report) => panic!("the server did not crash: {report:?}"),
            // Before the first batch.
            Err(_) => assert_eq!(before, after),
        }
    }
    assert!(
        amid > CRASHES / 2,
        "only {amid} of {CRASHES} crashes came in the middle"
    );
    let report = cleaning(&registry).run(&mut connect(&db)).unwrap();
    assert_eq!((report.is_complete(), check(&db)), (true, 0));
}
