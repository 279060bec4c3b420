//! What the catalog alone knows of rows that refer to each other: what keeps a row, and what comes first.

use diesel::prelude::*;
use soft_delete::{CauseKind, Database, Dialect, Error, Registry, TableRelation, prelude::*};

use super::declared::{Rows, marks, models, named, on_each_database, rows_on};
use crate::support::database::TestDatabase;

const LONG_AGO: &str = "'2020-01-01 00:00:00'";

on_each_database!(
    a_restriction_of_an_unknown_table_keeps_single_rows,
    an_undeclared_tree_goes_in_one_run,
    what_goes_along_frees_what_it_refers_to,
    a_row_that_refers_to_itself_goes,
    owned_rows_that_a_trigger_keeps_keep_their_owner,
    a_row_does_not_come_back_under_one_that_went_with_it,
    what_an_owner_frees_goes_in_the_same_run,
    rows_above_in_a_circle_come_back_or_are_refused,
    rows_of_an_inheriting_table_keep_what_they_refer_to,
    a_parent_above_may_come_back_on_the_way_down,
);

fn a_restriction_of_an_unknown_table_keeps_single_rows<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE bills (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (id) ON DELETE RESTRICT);
         INSERT INTO leads (id, deleted_at) VALUES (1, {LONG_AGO}), (2, {LONG_AGO}), (3, {LONG_AGO});
         INSERT INTO bills (id, lead_id) VALUES (10, 1), (30, 3);"
    ));
    db.migrate();
    let registry = Registry::new().with_tables(models(conn), &[]).expect("a model");
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!(rows(conn, "SELECT id AS n FROM leads ORDER BY id"), [1, 3]);
    let of = |report: &soft_delete::CleanupReport| {
        let model = report.model("leads").expect("cleaned");
        (model.purged, model.blocked_rows)
    };
    assert_eq!((of(&dry), of(&report)), ((1, 2), (1, 2)), "{report}");
    let leads = registry.records("leads").expect("a model");
    let refused = leads
        .force_delete(conn, &["1"], Actor::new("ann").because("a test"))
        .unwrap_err();
    assert!(matches!(refused, Error::Blocked { .. }), "{refused:?}");
    db.sql("DELETE FROM bills WHERE id = 10");
    assert_eq!(Cleanup::new(&registry).run(conn).expect("cleaned").purged(), 1);
    assert_eq!(rows(conn, "SELECT id AS n FROM leads"), [3]);
}

fn an_undeclared_tree_goes_in_one_run<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE a (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE b (id BIGINT PRIMARY KEY, a_id BIGINT, b_id BIGINT, {marks}, FOREIGN KEY (a_id) REFERENCES a (id), FOREIGN KEY (b_id) REFERENCES b (id));
         CREATE TABLE c (id BIGINT PRIMARY KEY, b_id BIGINT, {marks}, FOREIGN KEY (b_id) REFERENCES b (id));
         INSERT INTO a (id, deleted_at) VALUES (1, {LONG_AGO});
         INSERT INTO b (id, a_id, b_id, deleted_at) VALUES (1, 1, NULL, {LONG_AGO});
         INSERT INTO b (id, a_id, b_id, deleted_at) VALUES (2, 1, 1, {LONG_AGO});
         INSERT INTO b (id, a_id, b_id, deleted_at) VALUES (3, NULL, 2, {LONG_AGO});
         INSERT INTO c (id, b_id, deleted_at) VALUES (1, 3, {LONG_AGO});"
    ));
    db.migrate();
    let registry = Registry::new().with_tables(models(conn), &[]).expect("models");
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).batch_size(1).run(conn).expect("cleaned");
    assert_eq!((dry.purged(), report.purged()), (5, 5), "{dry}\n{report}");
    let left = "SELECT id AS n FROM a UNION ALL SELECT id FROM b UNION ALL SELECT id FROM c";
    assert_eq!(rows(conn, left), [0_i64; 0]);
}

/// A tag refers to a team without a cascade and goes along with a lead, which comes after the team by its name.
fn what_goes_along_frees_what_it_refers_to<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE a_teams (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE z_leads (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE tags (id BIGINT PRIMARY KEY, team_id BIGINT, lead_id BIGINT, {marks}, FOREIGN KEY (team_id) REFERENCES a_teams (id), FOREIGN KEY (lead_id) REFERENCES z_leads (id));
         INSERT INTO a_teams (id, deleted_at) VALUES (1, {LONG_AGO});
         INSERT INTO z_leads (id, deleted_at, deletion_id) VALUES (1, {LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c755');
         INSERT INTO tags (id, team_id, lead_id, deleted_at, deletion_id) VALUES (1, 1, 1, {LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c755');"
    ));
    db.migrate();
    let along = TableRelation::cascade(named("z_leads"), named("tags"), ["lead_id"]);
    let registry = Registry::new()
        .with_tables(models(conn), &[along])
        .expect("models");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!((report.purged(), report.is_complete()), (3, true), "{report}");
    assert_eq!(rows(conn, "SELECT id AS n FROM a_teams"), [0_i64; 0]);
}

fn a_row_that_refers_to_itself_goes<C>(db: &TestDatabase, conn: &mut C, rows: fn(&mut C, &str) -> Rows)
where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE folders (id BIGINT PRIMARY KEY, root_id BIGINT, {marks}, FOREIGN KEY (root_id) REFERENCES folders (id));
         INSERT INTO folders (id, deleted_at, deletion_id) VALUES (1, {LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c755');
         UPDATE folders SET root_id = 1;"
    ));
    db.migrate();
    let plain = Registry::new().with_tables(models(conn), &[]).expect("a model");
    let tree = TableRelation::cascade(named("folders"), named("folders"), ["root_id"]);
    let declared = Registry::new()
        .with_tables(models(conn), &[tree])
        .expect("a model");
    // MariaDB lets no row go that refers to itself: told as a cascade, the key is set to NULL before.
    if db.database() == Database::Mysql {
        let report = Cleanup::new(&plain).run(conn).expect("cleaned");
        assert_eq!(
            report.model("folders").expect("cleaned").blocked_rows,
            1,
            "{report}"
        );
        assert_eq!(rows(conn, "SELECT id AS n FROM folders"), [1]);
        assert_eq!(Cleanup::new(&declared).run(conn).expect("cleaned").purged(), 1);
    } else {
        assert_eq!(Cleanup::new(&plain).run(conn).expect("cleaned").purged(), 1);
        db.sql(&format!(
            "INSERT INTO folders (id, root_id, deleted_at, deletion_id) VALUES (2, 2, {LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c755')"
        ));
        assert_eq!(Cleanup::new(&declared).run(conn).expect("cleaned").purged(), 1);
    }
    assert_eq!(rows(conn, "SELECT id AS n FROM folders"), [0_i64; 0]);
}

fn owned_rows_that_a_trigger_keeps_keep_their_owner<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let keeps = match db.database() {
        Database::Postgres => {
            "CREATE FUNCTION keeps() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER keeps_two BEFORE DELETE ON pictures FOR EACH ROW WHEN (OLD.id >= 2) EXECUTE FUNCTION keeps()"
        }
        // A trigger of MariaDB's refuses with an error or not at all.
        Database::Mysql => return,
        _ => {
            "CREATE TRIGGER keeps_two BEFORE DELETE ON pictures WHEN OLD.id >= 2 BEGIN SELECT RAISE(IGNORE); END"
        }
    };
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE teams (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE pictures (id BIGINT PRIMARY KEY, team_id BIGINT, FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL);
         INSERT INTO teams (id, deleted_at) VALUES (1, {LONG_AGO}), (2, {LONG_AGO});
         INSERT INTO pictures (id, team_id) VALUES (1, 1), (2, 2), (3, 2);
         {keeps}"
    ));
    db.migrate();
    let owns = TableRelation::owns(named("teams"), named("pictures"), ["team_id"]);
    let registry = Registry::new()
        .with_tables(models(conn), &[owns])
        .expect("models");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    let model = report.model("teams").expect("cleaned");
    assert_eq!(
        (model.purged, model.owned, model.blocked_rows),
        (1, 1, 1),
        "{report}"
    );
    assert_eq!(model.causes[0].kind, CauseKind::Trigger, "{report}");
    let left = "SELECT id * 10 + team_id AS n FROM pictures ORDER BY id";
    assert_eq!(rows(conn, left), [22, 32], "as they were");
    let teams = registry.records("teams").expect("a model");
    let refused = teams
        .force_delete(conn, &["2"], Actor::new("ann").because("a test"))
        .unwrap_err();
    assert!(
        matches!(&refused, Error::KeptByTrigger { model, trigger, .. } if model == "pictures" && trigger == "keeps_two"),
        "{refused:?}"
    );
    assert_eq!(rows(conn, left), [22, 32]);
}

/// Two people of a team refer to each other, and only one of them was deleted along with it: the other was asked for beside it.
fn a_row_does_not_come_back_under_one_that_went_with_it<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE teams (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE people (id BIGINT PRIMARY KEY, team_id BIGINT, boss_id BIGINT, {marks}, FOREIGN KEY (team_id) REFERENCES teams (id), FOREIGN KEY (boss_id) REFERENCES people (id));
         INSERT INTO teams (id, deleted_at, deletion_id) VALUES (1, {LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c755');
         INSERT INTO people (id, team_id, boss_id, deleted_at, deletion_id) VALUES (1, NULL, NULL, {LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c755');
         INSERT INTO people (id, team_id, boss_id, deleted_at, deletion_id) VALUES (2, 1, 1, {LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c755');"
    ));
    db.migrate();
    let registry = Registry::new()
        .with_tables(
            models(conn),
            &[
                TableRelation::cascade(named("teams"), named("people"), ["team_id"]),
                TableRelation::restrict(named("people"), named("people"), ["boss_id"]),
            ],
        )
        .expect("models");
    let teams = registry.records("teams").expect("a model");
    let refused = teams.restore(conn, &["1"], Actor::new("ann")).unwrap_err();
    assert!(
        matches!(&refused, Error::ParentDeleted { model, id, child } if model == "people" && id == "1" && child == "people"),
        "{refused:?}"
    );
    let active = "SELECT id AS n FROM people WHERE deleted_at IS NULL ORDER BY id";
    assert_eq!(rows(conn, active), [0_i64; 0]);
    let people = registry.records("people").expect("a model");
    people.restore(conn, &["1"], Actor::new("ann")).expect("restored");
    teams.restore(conn, &["1"], Actor::new("ann")).expect("restored");
    assert_eq!(rows(conn, active), [1, 2]);
}

/// The lead 1 owns a file that the lead 2 refers to, so it goes after that one, and only then the team that the lead 1 refers to.
fn what_an_owner_frees_goes_in_the_same_run<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    let files = "CREATE TABLE files (id BIGINT PRIMARY KEY, lead_id BIGINT, FOREIGN KEY (lead_id) REFERENCES leads (id));";
    let leads = |file: &str| {
        format!(
            "CREATE TABLE leads (id BIGINT PRIMARY KEY, team_id BIGINT, file_id BIGINT{file}, {marks}, FOREIGN KEY (team_id) REFERENCES teams (id));"
        )
    };
    db.sql(&format!("CREATE TABLE teams (id BIGINT PRIMARY KEY, {marks});"));
    match db.database() {
        Database::Sqlite => db.sql(&(leads(" REFERENCES files (id)") + files)),
        _ => db
            .sql(&(leads("") + files + "ALTER TABLE leads ADD FOREIGN KEY (file_id) REFERENCES files (id);")),
    }
    db.sql(&format!(
        "INSERT INTO teams (id, deleted_at) VALUES (1, {LONG_AGO});
         INSERT INTO leads (id, team_id, deleted_at) VALUES (1, 1, {LONG_AGO}), (2, NULL, {LONG_AGO});
         INSERT INTO files (id, lead_id) VALUES (10, 1);
         UPDATE leads SET file_id = 10 WHERE id = 2;"
    ));
    db.migrate();
    let registry = Registry::new()
        .with_tables(
            models(conn),
            &[
                TableRelation::owns(named("leads"), named("files"), ["lead_id"]),
                TableRelation::cascade(named("teams"), named("leads"), ["team_id"]),
            ],
        )
        .expect("models");
    let report = Cleanup::new(&registry).batch_size(1).run(conn).expect("cleaned");
    assert_eq!(rows(conn, "SELECT id AS n FROM teams"), [0_i64; 0], "{report}");
    assert_eq!((report.purged(), report.is_complete()), (3, true), "{report}");
}

/// Without a `deletion_id` nothing tells a row that came back a moment ago from one that was never deleted.
fn rows_above_in_a_circle_come_back_or_are_refused<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let deleted_at = match db.database() {
        Database::Mysql => "deleted_at DATETIME(6) NULL",
        _ => "deleted_at TIMESTAMP NULL",
    };
    db.sql(&format!(
        "CREATE TABLE rooms (id BIGINT PRIMARY KEY, desk_id BIGINT, {deleted_at});
         CREATE TABLE desks (id BIGINT PRIMARY KEY, room_id BIGINT, {deleted_at});
         INSERT INTO rooms (id, desk_id, deleted_at) VALUES (1, NULL, {LONG_AGO}), (2, 10, {LONG_AGO}), (3, 30, {LONG_AGO}), (4, 40, {LONG_AGO});
         INSERT INTO desks (id, room_id, deleted_at) VALUES (10, 1, {LONG_AGO}), (30, NULL, {LONG_AGO}), (40, 4, {LONG_AGO});"
    ));
    db.migrate();
    let registry = Registry::new()
        .with_tables(
            models(conn),
            &[
                TableRelation::restrict(named("rooms"), named("desks"), ["room_id"]),
                TableRelation::restrict(named("desks"), named("rooms"), ["desk_id"]),
            ],
        )
        .expect("models");
    let rooms = registry.records("rooms").expect("a model");
    let active = "SELECT id AS n FROM rooms WHERE deleted_at IS NULL UNION ALL SELECT id FROM desks WHERE deleted_at IS NULL ORDER BY n";
    let refused = rooms
        .restore(conn, &["2"], Actor::new("ann").with_parents())
        .unwrap_err();
    assert!(
        matches!(&refused, Error::ParentDeleted { model, id, child } if model == "rooms" && id == "1" && child == "desks"),
        "{refused:?}"
    );
    assert_eq!(rows(conn, active), [0_i64; 0]);
    let mut restore = |id: &str| {
        let operation = rooms.restore(conn, &[id], Actor::new("ann").with_parents());
        (operation.expect("restored").rows(), rows(conn, active))
    };
    assert_eq!(restore("3"), (2, vec![3, 30]));
    assert_eq!(restore("4"), (2, vec![3, 4, 30, 40]), "the desk is in the room");
    assert_eq!(restore("1"), (1, vec![1, 3, 4, 30, 40]));
    assert_eq!(restore("2"), (2, vec![1, 2, 3, 4, 10, 30, 40]));
}

/// PostgreSQL's foreign keys are not enforced on rows of tables that inherit, which are rows of the table all the same.
fn rows_of_an_inheriting_table_keep_what_they_refer_to<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    if db.database() != Database::Postgres {
        return;
    }
    let marks = marks(db.database());
    db.sql(&format!(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, {marks});
         CREATE TABLE calls (id BIGINT PRIMARY KEY, lead_id BIGINT REFERENCES leads (id));
         CREATE TABLE long_calls (PRIMARY KEY (id)) INHERITS (calls);
         INSERT INTO leads (id, deleted_at) VALUES (1, {LONG_AGO}), (2, {LONG_AGO}), (3, {LONG_AGO});
         INSERT INTO calls (id, lead_id) VALUES (10, 1);
         INSERT INTO long_calls (id, lead_id) VALUES (20, 2);"
    ));
    db.migrate();
    let registry = Registry::new().with_tables(models(conn), &[]).expect("a model");
    let dry = Cleanup::new(&registry).dry_run(true).run(conn).expect("told");
    let report = Cleanup::new(&registry).run(conn).expect("cleaned");
    assert_eq!((dry.purged(), report.purged()), (1, 1), "{dry}\n{report}");
    assert_eq!(rows(conn, "SELECT id AS n FROM leads ORDER BY id"), [1, 2]);
    let leads = registry.records("leads").expect("a model");
    for id in ["1", "2"] {
        leads
            .force_delete(conn, &[id], Actor::new("ann").because("a test"))
            .expect_err("a call refers to it");
    }
    assert_eq!(rows(conn, "SELECT id AS n FROM leads ORDER BY id"), [1, 2]);
}

/// A firm of somebody's boss belongs to a person below that boss: it comes back above, and who owns it below.
fn a_parent_above_may_come_back_on_the_way_down<C>(
    db: &TestDatabase,
    conn: &mut C,
    rows: fn(&mut C, &str) -> Rows,
) where
    C: diesel::connection::LoadConnection<Backend: Dialect>,
{
    let marks = marks(db.database());
    let deleted_at = marks.split(',').next().expect("a column");
    let deleted = format!("{LONG_AGO}, '019bc186-de78-70fd-9f82-b7562dd5c751'");
    db.sql(&format!(
        "CREATE TABLE firms (id BIGINT PRIMARY KEY, owner_id BIGINT, {deleted_at});
         CREATE TABLE people (id BIGINT PRIMARY KEY, firm_id BIGINT, boss_id BIGINT, {marks});
         INSERT INTO firms (id, owner_id, deleted_at) VALUES (1, 20, {LONG_AGO});
         INSERT INTO people (id, firm_id, boss_id, deleted_at, deletion_id) VALUES (10, 1, NULL, {deleted}), (20, NULL, 10, {deleted});"
    ));
    db.migrate();
    let registry = Registry::new()
        .with_tables(
            models(conn),
            &[
                TableRelation::cascade(named("people"), named("people"), ["boss_id"]),
                TableRelation::restrict(named("firms"), named("people"), ["firm_id"]),
                TableRelation::restrict(named("people"), named("firms"), ["owner_id"]),
            ],
        )
        .expect("models");
    let people = registry.records("people").expect("a model");
    people
        .restore(conn, &["10"], Actor::new("ann").with_parents())
        .expect("restored");
    let active = "SELECT id AS n FROM people WHERE deleted_at IS NULL UNION ALL SELECT id FROM firms WHERE deleted_at IS NULL ORDER BY n";
    assert_eq!(rows(conn, active), [1, 10, 20]);
}
