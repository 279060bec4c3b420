//! Keys that are not what their model says they are: a pass that does not get beyond them ends, and says so.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use soft_delete::{
    Column, ColumnKind, Database, Descriptor, Error, FixedClock, Page, RunState, TableName, Trail, audit,
    prelude::*, runs,
};

use crate::support::{clock::noon, database::TestDatabase};

/// Keys above the signed ones, in a model that takes them for signed.
#[test]
fn keys_that_turn_negative_end_a_pass() {
    let db = TestDatabase::new(Database::Mysql);
    db.sql(
        "CREATE TABLE tickets (id BIGINT UNSIGNED PRIMARY KEY, deleted_at DATETIME(6) NULL);
         INSERT INTO tickets VALUES (18446744073709551613, '2026-01-01 12:00:00'), (18446744073709551614, '2026-01-01 12:00:00'), (18446744073709551615, '2026-01-01 12:00:00')",
    );
    let conn = &mut MysqlConnection::establish(db.url()).expect("a connection");
    // A description written by hand may be wrong about the key.
    let tickets = Descriptor::new(
        TableName::new("tickets"),
        Column::new("deleted_at", ColumnKind::Timestamp),
    )
    .key(Column::new("id", ColumnKind::BigInt));
    db.migrate();
    let registry = Registry::new().with_table(tickets);
    let clock = FixedClock::at(noon() + TimeDelta::days(30));
    let cleanup = || {
        Cleanup::new(&registry)
            .by(Actor::new("cron").because("thirty days").clock(clock.clone()))
            .trust_clock(true)
            .batch_size(2)
            .max_fraction(1.0)
            .pause(Duration::ZERO)
    };
    // Twice: it leaves no lease either.
    for _ in 0..2 {
        let error = cleanup().run(conn).expect_err("it does not get on");
        let Error::CleanupFailed { report, source } = &error else {
            panic!("{error}");
        };
        assert!(
            matches!(&**source, Error::CleanupStuck { model, .. } if model == "tickets"),
            "{source}"
        );
        assert!(
            source
                .to_string()
                .contains("the cleanup of tickets does not get beyond"),
            "{source}"
        );
        assert_eq!(report.purged(), 0);
        assert_eq!(runs(conn, Page::of(1)).expect("runs")[0].state, RunState::Failed);
    }
    assert!(audit(conn, &Trail::new()).expect("entries").is_empty());
    let left = registry.stats(conn).expect("figures");
    assert_eq!(left[0].deleted, 3, "nothing went");
}
