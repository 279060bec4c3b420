//! Rows that were deleted along with rows of several models: all of those go, or none.

use diesel::prelude::*;
use soft_delete::{CauseKind, Database, Dialect, Registry, TableRelation, prelude::*};

use super::declared::{Rows, marks, models, named, on_each_database, rows_on};
use crate::support::database::TestDatabase;

const OPERATION: &str = "'019bc186-de78-70fd-9f82-b7562dd5c755'";
const LONG_AGO: &str = "'2020-01-01 00:00:00'";

/// A note hangs on a lead and on a task; a task hangs on a project. All of them were deleted in one operation, long ago.
fn filled(db: &TestDatabase) {
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE projects (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE tasks (id BIGINT PRIMARY KEY, project_id BIGINT, {marks}, FOREIGN KEY (project_id) REFERENCES projects (id));
         CREATE TABLE notes (id BIGINT PRIMARY KEY, lead_id BIGINT, task_id BIGINT, {marks}, FOREIGN KEY (lead_id) REFERENCES leads (id), FOREIGN KEY (task_id) REFERENCES tasks (id));
         CREATE TABLE bills (id BIGINT PRIMARY KEY, project_id BIGINT, FOREIGN KEY (project_id) REFERENCES projects (id));
         INSERT INTO leads (id, deleted_at, deletion_id) VALUES (1, {LONG_AGO}, {OPERATION}), (2, {LONG_AGO}, NULL);
         INSERT INTO projects (id, deleted_at, deletion_id) VALUES (1, {LONG_AGO}, {OPERATION});
         INSERT INTO tasks (id, project_id, deleted_at, deletion_id) VALUES (1, 1, {LONG_AGO}, {OPERATION});
         INSERT INTO notes (id, lead_id, task_id, deleted_at, deletion_id) VALUES (1, 1, 1, {LONG_AGO}, {OPERATION});"
    ));
    db.migrate();
}

fn registry<C>(conn: &mut C) -> Registry
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let along = |parent, child, column| TableRelation::cascade(named(parent), named(child), [column]);
    Registry::new()
        .with_tables(
            models(conn),
            &[
                along("leads", "notes", "lead_id"),
                along("tasks", "notes", "task_id"),
                along("projects", "tasks", "project_id"),
            ],
        )
        .expect("relations")
}

on_each_database!(
    heads_of_several_models_go_together,
    what_keeps_one_head_keeps_the_other,
    a_hold_above_another_head_keeps_all,
    what_was_not_asked_for_keeps_all,
    heads_that_refer_to_each_other_go_in_order,
);

const ALL: &str = "SELECT (SELECT COUNT(*) FROM leads) * 1000 + (SELECT COUNT(*) FROM projects) * 100 + (SELECT COUNT(*) FROM tasks) * 10 + (SELECT COUNT(*) FROM notes) AS n";

fn heads_of_several_models_go_together<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db);
    let registry = registry(conn);
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, ALL), [0], "{report}");
    assert_eq!((dry.purged(), report.purged()), (5, 5), "{report}");
    for model in ["leads", "projects", "tasks", "notes"] {
        let (dry, run) = (
            dry.model(model).expect("told"),
            report.model(model).expect("cleaned"),
        );
        assert_eq!((dry.purged, dry.expired), (run.purged, run.expired), "{model}");
    }
    assert!(report.is_complete());
    let audited = "SELECT COUNT(*) AS n FROM soft_delete_audit WHERE action = 'purge'";
    assert_eq!(rows(conn, audited), [5]);
    let noted = "SELECT COUNT(*) AS n FROM soft_delete_runs WHERE state = 'completed'";
    assert_eq!(rows(conn, noted), [4]);
}

fn what_keeps_one_head_keeps_the_other<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db);
    db.sql("INSERT INTO bills (id, project_id) VALUES (1, 1)");
    let registry = registry(conn);
    for batch in [1, 1_000] {
        let report = Cleanup::new(&registry)
            .batch_size(batch)
            .run(conn)
            .expect("cleaned");
        // The lead that shares nothing went at once.
        assert_eq!(rows(conn, ALL), [1111], "{report}");
        let leads = report.model("leads").expect("cleaned");
        assert_eq!(leads.with_family, 1, "{report}");
        let projects = report.model("projects").expect("cleaned");
        assert_eq!(projects.causes[0].kind, CauseKind::Referenced, "{report}");
        assert!(!report.is_complete());
    }
    db.sql("DELETE FROM bills");
    assert_eq!(Cleanup::new(&registry).run(conn).expect("cleaned").purged(), 4);
    assert_eq!(rows(conn, ALL), [0]);
}

fn a_hold_above_another_head_keeps_all<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db);
    let registry = registry(conn);
    let projects = registry.records("projects").expect("a model");
    projects
        .hold(conn, "1", Actor::new("ann").because("a law suit"))
        .expect("held");
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, ALL), [1111], "{report}");
    assert_eq!((dry.purged(), report.purged()), (1, 1), "{dry}\n{report}");
    assert_eq!(rows(conn, "SELECT id AS n FROM leads"), [1]);
}

fn what_was_not_asked_for_keeps_all<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    filled(db);
    let registry = registry(conn);
    let report = Cleanup::new(&registry).model("leads").run(conn).expect("cleaned");
    assert_eq!(rows(conn, ALL), [1111], "{report}");
    let report = Cleanup::new(&registry)
        .models(["leads", "projects"])
        .run(conn)
        .expect("cleaned");
    assert_eq!(rows(conn, ALL), [0], "{report}");
}

/// Both heads share a row, and one of them refers to the other besides.
fn heads_that_refer_to_each_other_go_in_order<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE b_places (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE a_leads (id BIGINT PRIMARY KEY, place_id BIGINT, {marks}, FOREIGN KEY (place_id) REFERENCES b_places (id));
         CREATE TABLE visits (id BIGINT PRIMARY KEY, lead_id BIGINT, place_id BIGINT, {marks}, FOREIGN KEY (lead_id) REFERENCES a_leads (id), FOREIGN KEY (place_id) REFERENCES b_places (id));"
    ));
    let marked = format!("{LONG_AGO}, {OPERATION}");
    for id in 1..=3 {
        db.sql(&format!(
            "INSERT INTO b_places (id, deleted_at, deletion_id) VALUES ({id}, {marked});
             INSERT INTO a_leads (id, place_id, deleted_at, deletion_id) VALUES ({id}, {id}, {marked});
             INSERT INTO visits (id, lead_id, place_id, deleted_at, deletion_id) VALUES ({id}, {id}, {id}, {marked})"
        ));
    }
    db.migrate();
    let along = |parent, column| TableRelation::cascade(named(parent), named("visits"), [column]);
    let registry = Registry::new()
        .with_tables(
            models(conn),
            &[along("a_leads", "lead_id"), along("b_places", "place_id")],
        )
        .expect("relations");
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).batch_size(2).run(conn).expect("cleaned");
    assert_eq!((dry.purged(), report.purged()), (9, 9), "{dry}\n{report}");
    assert!(
        report.is_complete() && report.causes().next().is_none(),
        "{report}"
    );
    let left =
        "SELECT id AS n FROM a_leads UNION ALL SELECT id FROM b_places UNION ALL SELECT id FROM visits";
    assert_eq!(rows(conn, left), [0_i64; 0]);
}
