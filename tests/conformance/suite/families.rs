//! A row and what was deleted with it are removed together, or stay together.

use super::super::*;
use super::cleanup::{cleaning, cron, due};
use crate::support::{clock::at_noon, directory::TestDirectory, hook::seen};
use chrono::TimeDelta;
use soft_delete::{Archive, CauseKind, CleanupReport, Error, FixedClock, Page, Stopped};
use std::fs;

macro_rules! all {
    ($conn:expr, $table:ident) => {
        act!(
            $table::table
                .order($table::id)
                .select($table::id)
                .load::<i64>($conn)
        )
        .unwrap()
    };
}

const FAMILIES: &str = "
    INSERT INTO teams (id) VALUES (1), (2), (3);
    INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1), (20, 2), (30, 3);
    INSERT INTO tasks (id, team_id, member_id) VALUES (100, 1, 10), (101, NULL, 11), (200, 2, NULL);
    INSERT INTO pictures (id, team_id) VALUES (5, 1), (7, 2)";

/// A table's rows that were due, went, are held, blocked, and stay with their family.
fn figures(report: &CleanupReport, model: &str) -> [u64; 5] {
    let model = report.model(model).unwrap();
    assert_eq!(model.skipped, 0, "{report:?}");
    [
        model.expired,
        model.purged,
        model.held,
        model.blocked_rows,
        model.with_family,
    ]
}

macro_rules! told_and_done {
    ($conn:expr, $cleanup:expr) => {{
        let told = act!(clean($conn, $cleanup.dry_run(true))).unwrap();
        let done = act!(clean($conn, $cleanup)).unwrap();
        let figures = |report: &CleanupReport| -> Vec<String> {
            let models = report.models.iter().filter(|model| model.expired > 0);
            models
                .map(|model| {
                    let kept: Vec<_> = model
                        .causes
                        .iter()
                        .map(|cause| (cause.kind, cause.rows))
                        .collect();
                    format!(
                        "{} {} {} {} {kept:?}",
                        model.model, model.expired, model.purged, model.owned
                    )
                })
                .collect()
        };
        assert_eq!(figures(&told), figures(&done), "the dry run and the run");
        done
    }};
}

case! {
    /// A hold on any row of a family keeps all of it, and nothing of another family.
    fn a_hold_on_one_row_keeps_its_family(db) {
        prepare_kin(&db);
        db.sql(FAMILIES);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap();
        let registry = kin();
        act!(Task::hold_by_id(&mut conn, 101, at_noon("legal", "case 17"))).unwrap();
        let report = told_and_done!(&mut conn, cleaning(&registry, due()));
        assert_eq!((all!(&mut conn, teams), all!(&mut conn, members), all!(&mut conn, tasks)), (vec![1, 3], vec![10, 11, 30], vec![100, 101]));
        assert_eq!(all!(&mut conn, pictures), [5]);
        assert_eq!(figures(&report, "teams"), [2, 1, 0, 0, 1]);
        assert_eq!(figures(&report, "members"), [3, 1, 0, 0, 2]);
        assert_eq!(figures(&report, "tasks"), [3, 1, 1, 0, 1]);
        let causes: Vec<String> = report.causes().map(|(model, cause)| cause.describe(model)).collect();
        assert!(causes.contains(&"2 rows of members stay: another row of the same family keeps them; a family is removed whole: see what keeps the others".to_owned()), "{causes:?}");
        assert!(report.is_complete(), "what is held stays, and its family with it");
        // The head is held as well, and later it alone.
        act!(Team::hold_by_id(&mut conn, 1, at_noon("legal", "case 18"))).unwrap();
        act!(Task::release_by_id(&mut conn, 101, Actor::new("legal"))).unwrap();
        let report = told_and_done!(&mut conn, cleaning(&registry, due()));
        assert_eq!((report.purged(), figures(&report, "tasks")), (0, [2, 0, 0, 0, 2]));
        act!(Team::release_by_id(&mut conn, 1, Actor::new("legal"))).unwrap();
        let report = told_and_done!(&mut conn, cleaning(&registry, due()));
        assert_eq!((report.purged(), report.model("teams").unwrap().owned), (5, 1));
        assert_eq!((all!(&mut conn, teams), all!(&mut conn, members), all!(&mut conn, tasks)), (vec![3], vec![30], vec![]));
        let roots: Vec<(String, String)> = act!(soft_delete_audit::table
            .filter(soft_delete_audit::action.eq("purge").and(soft_delete_audit::root.eq(true)))
            .order(soft_delete_audit::record_id)
            .select((soft_delete_audit::model, soft_delete_audit::record_id))
            .load(&mut conn)).unwrap();
        assert_eq!(roots, [("teams".to_owned(), "1".to_owned()), ("teams".to_owned(), "2".to_owned())], "what went along is no root");
    }
}

case! {
    /// A family is due when the last of it is.
    fn the_latest_of_a_family_decides_when_it_is_due(db) {
        prepare_kin(&db);
        db.sql(FAMILIES);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap();
        let registry = kin();
        db.sql("UPDATE tasks SET deleted_at = '2026-01-16 12:00:00' WHERE id = 100");
        let report = told_and_done!(&mut conn, cleaning(&registry, due()));
        assert_eq!((figures(&report, "teams"), figures(&report, "members"), figures(&report, "tasks")), ([2, 1, 0, 0, 1], [3, 1, 0, 0, 2], [2, 1, 0, 0, 1]));
        assert_eq!((all!(&mut conn, teams), all!(&mut conn, tasks)), (vec![1, 3], vec![100, 101]));
        // The head is the last.
        db.sql("UPDATE tasks SET deleted_at = (SELECT deleted_at FROM members WHERE id = 10) WHERE id = 100");
        db.sql("UPDATE teams SET deleted_at = '2026-01-17 12:00:00' WHERE id = 1");
        let report = told_and_done!(&mut conn, cleaning(&registry, due() + TimeDelta::days(1)));
        assert_eq!((report.purged(), all!(&mut conn, members)), (0, vec![10, 11, 30]));
        let report = told_and_done!(&mut conn, cleaning(&registry, due() + TimeDelta::days(2)));
        assert_eq!((report.purged(), all!(&mut conn, members)), (5, vec![30]));
        assert_eq!(report.stopped, Stopped::Completed);
    }
}

case! {
    /// A limit of rows, and a choice of models, end between two families and never within one.
    fn no_limit_splits_a_family(db) {
        prepare_kin(&db);
        db.sql(FAMILIES);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap();
        let registry = kin();
        for chosen in [&["tasks"][..], &["members", "tasks"], &["members"]] {
            let report = told_and_done!(&mut conn, cleaning(&registry, due()).models(chosen.iter().copied()));
            assert_eq!(report.purged(), 0, "their heads were not asked for");
            assert!(report.causes().all(|(_, cause)| cause.kind == CauseKind::Family), "{report}");
            assert!(!report.is_complete(), "nothing is held");
        }
        let report = act!(clean(&mut conn, cleaning(&registry, due()).max_rows(2).batch_size(1))).unwrap();
        assert_eq!((report.stopped, report.purged()), (Stopped::MaxRows, 5));
        assert_eq!((all!(&mut conn, teams), all!(&mut conn, members), all!(&mut conn, tasks)), (vec![2, 3], vec![20, 30], vec![200]));
        // Asked for alone, a head takes along what went with it, and says so.
        let report = told_and_done!(&mut conn, cleaning(&registry, due()).model("teams"));
        assert_eq!((figures(&report, "teams"), figures(&report, "members"), figures(&report, "tasks")), ([1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]));
        assert_eq!((all!(&mut conn, teams), all!(&mut conn, members), all!(&mut conn, tasks)), (vec![3], vec![30], vec![]));
    }
}

case! {
    /// Before its time a row goes with its head, and never without it.
    fn a_force_delete_splits_no_family(db) {
        prepare_kin(&db);
        db.sql(FAMILIES);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap();
        let request = || at_noon("admin", "request 12");
        let by_key = act!(Task::force_delete_by_id(&mut conn, 100, request())).unwrap_err();
        assert!(matches!(&by_key, Error::PartOfFamily { model, rows: 1, parent } if (model.as_str(), parent.as_str()) == ("tasks", "members") || parent == "teams"), "{by_key:?}");
        let all = act!(Member::force_delete_where(&mut conn, members::id.gt(0), request())).unwrap_err();
        assert!(matches!(&all, Error::PartOfFamily { model, rows: 3, .. } if model == "members"), "{all:?}");
        assert_eq!(all!(&mut conn, tasks), [100, 101, 200]);
        act!(Team::force_delete_by_id(&mut conn, 1, request())).unwrap();
        assert_eq!((all!(&mut conn, members), all!(&mut conn, tasks)), (vec![20, 30], vec![200]));
        // Deleted alone, it is its own head.
        act!(Member::soft_delete_by_id(&mut conn, 30, request())).unwrap();
        act!(Member::force_delete_by_id(&mut conn, 30, request())).unwrap();
        db.sql("INSERT INTO folders (id, parent_id) VALUES (1, NULL), (2, 1)");
        act!(Folder::soft_delete_by_id(&mut conn, 1, request())).unwrap();
        act!(Folder::force_delete_by_id(&mut conn, 2, request())).unwrap_err();
        act!(Folder::force_delete_where(&mut conn, folders::id.gt(0), request())).unwrap();
        assert!(all!(&mut conn, folders).is_empty());
    }
}

case! {
    /// A row that would come back with two others goes with both of them or stays with both.
    fn families_that_share_a_row_are_one(db) {
        prepare_kin(&db);
        db.sql("
            INSERT INTO teams (id) VALUES (1), (2), (3), (4);
            INSERT INTO members (id, team_id) VALUES (10, 1), (20, 2), (30, 3);
            INSERT INTO tasks (id, team_id, member_id) VALUES (100, 2, 10), (101, 3, 20), (400, 4, NULL)");
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.ge(1), at_noon("bob", "closed"))).unwrap();
        let registry = kin();
        act!(Team::hold_by_id(&mut conn, 2, at_noon("legal", "case 17"))).unwrap();
        let report = act!(clean(&mut conn, cleaning(&registry, due()).batch_size(1))).unwrap();
        assert_eq!((all!(&mut conn, teams), all!(&mut conn, members), all!(&mut conn, tasks)), (vec![1, 2, 3], vec![10, 20, 30], vec![100, 101]), "{report}");
        act!(Team::release_by_id(&mut conn, 2, Actor::new("legal"))).unwrap();
        let report = act!(clean(&mut conn, cleaning(&registry, due()).batch_size(1))).unwrap();
        assert_eq!((report.purged(), report.kept()), (8, 0), "{report}");
        assert_eq!((all!(&mut conn, teams), all!(&mut conn, members), all!(&mut conn, tasks)), (vec![], vec![], vec![]));
    }
}

case! {
    /// A tree that was deleted at once is one family, however deep, with what hangs on its rows.
    fn a_tree_goes_whole(db) {
        prepare_kin(&db);
        db.sql("
            INSERT INTO folders (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 1), (10, NULL), (11, 10), (20, NULL), (21, 20);
            INSERT INTO papers (id, folder_id) VALUES (1, 4), (2, 5), (10, 11), (20, 21)");
        let mut conn = act!(connect(&db));
        act!(Folder::soft_delete_by_id(&mut conn, 21, at_noon("bob", "old"))).unwrap();
        act!(Folder::soft_delete_where(&mut conn, folders::parent_id.is_null(), at_noon("bob", "closed"))).unwrap();
        let registry = kin();
        act!(Paper::hold_by_id(&mut conn, 1, at_noon("legal", "case 17"))).unwrap();
        seen("family cron");
        let report = act!(clean(&mut conn, cleaning(&registry, due()).by(soft_delete::Actor::new("family cron").because("thirty days").clock(FixedClock::at(due()))))).unwrap();
        assert_eq!(figures(&report, "folders"), [9, 4, 0, 0, 5]);
        assert_eq!(figures(&report, "papers"), [4, 2, 1, 0, 1]);
        assert_eq!((all!(&mut conn, folders), all!(&mut conn, papers)), (vec![1, 2, 3, 4, 5], vec![1, 2]));
        let mut told = seen("family cron");
        told.sort();
        assert_eq!(told, ["after purge papers [\"20\", \"10\"]", "before purge papers [\"20\", \"10\"]"]);
        // A row below it that is active again, by nobody's leave.
        act!(Paper::release_by_id(&mut conn, 1, Actor::new("legal"))).unwrap();
        db.sql("UPDATE papers SET deleted_at = NULL, deletion_id = NULL WHERE id = 2");
        let report = told_and_done!(&mut conn, cleaning(&registry, due()));
        assert_eq!((report.purged(), figures(&report, "folders")), (0, [5, 0, 0, 1, 4]));
        db.sql("DELETE FROM papers WHERE id = 2");
        let report = told_and_done!(&mut conn, cleaning(&registry, due()));
        assert_eq!((report.purged(), all!(&mut conn, folders).len()), (6, 0));
    }
}

case! {
    /// An archive keeps families together: one that breaks off within a family says nothing of it, and each comes back as it was.
    fn an_archive_keeps_families_together(db) {
        prepare_kin(&db);
        db.sql(FAMILIES);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap();
        let registry = kin();
        let directory = TestDirectory::new();
        let cleanup = cleaning(&registry, due()).batch_size(1).archive(Archive::in_directory(directory.path()));
        let report = act!(clean(&mut conn, cleanup)).unwrap();
        assert_eq!((report.purged(), all!(&mut conn, teams)), (8, vec![3]));
        let whole = fs::read_to_string(report.archive.unwrap()).unwrap();
        assert!(whole.starts_with("{\"archive\":{\"version\":2,"), "{whole}");
        let ends: Vec<&str> = whole.lines().filter(|line| line.contains("\"batch\"")).collect();
        assert_eq!(ends.iter().filter(|line| !line.contains("\"goes_on\":true")).count(), 2, "{ends:?}");
        let path = directory.path().join("cut.jsonl");
        // All but the end of the last family's last batch.
        let lines: Vec<&str> = whole.lines().collect();
        let last = lines.len() - 3;
        fs::write(&path, lines[..last].join("\n") + "\n").unwrap();
        let loaded = act!(load(&mut conn, &registry, &path)).unwrap();
        assert!(loaded.is_cut, "{loaded:?}");
        let first = (all!(&mut conn, teams), all!(&mut conn, members), all!(&mut conn, tasks));
        assert_eq!(first, (vec![1, 3], vec![10, 11, 30], vec![100, 101]), "{loaded:?}");
        fs::write(&path, &whole).unwrap();
        let loaded = act!(load(&mut conn, &registry, &path)).unwrap();
        assert_eq!((loaded.loaded(), loaded.is_cut), (3, false), "{loaded:?}");
        assert_eq!(all!(&mut conn, pictures), [5, 7]);
        let back = act!(Team::restore_by_id(&mut conn, 1, cron(due()))).unwrap();
        assert!(back.is_changed());
        assert_eq!(act!(Task::active().count().get_result::<i64>(&mut conn)).unwrap(), 2);
    }
}

case! {
    /// What is gone of an operation is told, when and by whom, wherever the rest of it is shown.
    fn what_is_gone_is_told(db) {
        prepare_kin(&db);
        db.sql(FAMILIES);
        let mut conn = act!(connect(&db));
        let deleted = act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        assert!(deleted.is_changed());
        let registry = kin();
        let plan = act!(Team::restore_plan_by_id(&mut conn, 1, at_noon("bob", "back"))).unwrap();
        assert_eq!((plan.rows(), plan.gone.len()), (5, 0));
        // As a version without families left it.
        db.sql("DELETE FROM tasks WHERE id <= 101");
        let at = if DATABASE == soft_delete::Database::Postgres { "'2026-02-14 12:00:00+00'" } else { "'2026-02-14 12:00:00'" };
        db.sql(&format!("INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, at, root)
            SELECT '019bc186-de78-70fd-9f82-b7562dd5c755', 'purge', model, record_id, 'cron', {at}, FALSE FROM soft_delete_audit WHERE model = 'tasks' AND action = 'soft_delete'"));
        let plan = act!(Team::restore_plan_by_id(&mut conn, 1, at_noon("bob", "back"))).unwrap();
        let told: Vec<String> = plan.gone.iter().map(|gone| gone.describe()).collect();
        assert_eq!((plan.rows(), told), (3, vec!["2 rows of tasks were removed for good, the last on 2026-02-14 by cron".to_owned()]));
        let operation = act!(Team::history_by_id(&mut conn, 1)).unwrap()[0].operation_id;
        let entries = act!(operations(&mut conn, &registry, Page::of(10))).unwrap();
        let entry = entries.iter().find(|entry| entry.id == operation).unwrap();
        assert_eq!((entry.gone.len(), entry.gone[0].rows, entry.gone[0].model.as_str()), (1, 2, "tasks"));
        let undone = act!(undo(&mut conn, &registry, operation, at_noon("bob", "back"))).unwrap();
        assert_eq!((undone.rows(), undone.gone.iter().map(|gone| gone.rows).sum::<u64>()), (3, 2));
    }
}
