//! Tables of which each refers to all before it: what is asked of them stays short, though there are thousands of ways from one to
//! another.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use diesel::{connection::InstrumentationEvent, prelude::*};
use soft_delete::{Database, Dialect, Registry, prelude::*};

use super::declared::{Rows, marks, models, on_each_database, rows_on};
use crate::support::database::TestDatabase;

on_each_database!(a_dry_run_asks_short_questions);

const TABLES: u64 = 14;

fn a_dry_run_asks_short_questions<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    for table in 0..TABLES {
        let columns: String = (0..table).map(|parent| format!("p{parent} BIGINT, ")).collect();
        let keys: String = (0..table)
            .map(|parent| format!(", FOREIGN KEY (p{parent}) REFERENCES t{parent} (id)"))
            .collect();
        db.sql(&format!(
            "CREATE TABLE t{table} (id BIGINT PRIMARY KEY, {columns}{marks}{keys});
             INSERT INTO t{table} (id, deleted_at) VALUES (1, '2020-01-01 00:00:00'), (2, '2020-01-01 00:00:00');"
        ));
    }
    // What keeps a row is the end of a chain.
    db.sql("UPDATE t1 SET p0 = 2 WHERE id = 2; UPDATE t2 SET p1 = 2, deleted_at = NULL WHERE id = 2");
    db.migrate();
    let registry = Registry::new().with_tables(models(conn), &[]).expect("models");
    let longest = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&longest);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            seen.fetch_max(query.to_string().len(), Ordering::Relaxed);
        }
    });
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    let longest = longest.load(Ordering::Relaxed);
    assert!(longest < 500_000, "{longest} characters");
    assert_eq!(
        (dry.purged(), report.purged()),
        (2 * TABLES - 3, 2 * TABLES - 3),
        "{dry}\n{report}"
    );
    let left = "SELECT id * 10 AS n FROM t0 UNION ALL SELECT id * 10 + 1 FROM t1 UNION ALL SELECT id * 10 + 2 FROM t2 ORDER BY n";
    assert_eq!(rows(conn, left), [20, 21, 22]);
}
