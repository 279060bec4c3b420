//! A dry run says what a run then does, and does nothing.

use super::super::*;
use super::cleanup::{cleaning, due};
use crate::support::clock::at_noon;
use soft_delete::{CleanupReport, Stopped};

fn figures(report: &CleanupReport) -> Vec<(String, u64, u64, u64, u64, u64)> {
    let figures = report.models.iter().map(|model| {
        (
            model.model.clone(),
            model.expired,
            model.purged,
            model.held,
            model.blocked_rows,
            model.with_family,
        )
    });
    figures.filter(|figures| figures.1 > 0).collect()
}

case! {
    /// Its figures are those of the run that follows: a child that will be gone keeps nobody, one that stays does.
    fn a_dry_run_tells_what_a_run_does(db) {
        prepare_kin(&db);
        db.sql("
            INSERT INTO teams (id) VALUES (1), (2), (3), (4);
            INSERT INTO members (id, team_id) VALUES (10, 1), (20, 2), (30, 3), (40, 4);
            INSERT INTO tasks (id, team_id, member_id) VALUES (100, 1, 10), (200, NULL, 20), (300, 3, 30), (400, 4, 40);
            INSERT INTO pictures (id, team_id) VALUES (5, 1), (6, 2);
            INSERT INTO authors (id, inspired_by) VALUES (1, NULL), (2, NULL);
            INSERT INTO books (id, author_id) VALUES (1, 1), (2, 2)");
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.ge(1), at_noon("bob", "closed"))).unwrap();
        act!(Author::soft_delete_where(&mut conn, authors::id.ge(1), at_noon("bob", "closed"))).unwrap();
        act!(Task::hold_by_id(&mut conn, 300, at_noon("legal", "case 17"))).unwrap();
        db.sql("UPDATE tasks SET deleted_at = NULL, deletion_id = NULL WHERE id = 400");
        db.sql("UPDATE books SET deleted_at = NULL, deletion_id = NULL WHERE id = 2");
        let registry = kin();
        let told = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap();
        assert!(told.dry_run && told.stopped == Stopped::Completed);
        let figure = |name: &str| figures(&told).into_iter().find(|figures| figures.0 == name).unwrap();
        assert_eq!(figure("tasks"), ("tasks".to_owned(), 3, 2, 1, 0, 0));
        assert_eq!(figure("members"), ("members".to_owned(), 4, 2, 0, 1, 1));
        assert_eq!(figure("teams"), ("teams".to_owned(), 4, 2, 0, 1, 1));
        assert_eq!(figure("authors"), ("authors".to_owned(), 2, 1, 0, 1, 0));
        assert_eq!(told.model("members").unwrap().blocked.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["40"]);
        assert_eq!(act!(teams::table.count().get_result::<i64>(&mut conn)).unwrap(), 4);
        assert_eq!(act!(soft_delete_audit::table.filter(soft_delete_audit::action.eq("purge")).count().get_result::<i64>(&mut conn)).unwrap(), 0);
        let capped = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true).max_rows(3))).unwrap();
        assert_eq!((capped.purged(), capped.stopped), (3, Stopped::MaxRows));
        let done = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        assert_eq!(figures(&told), figures(&done));
    }
}

case! {
    /// It looks to the bottom of a tree: what is held or referred to there keeps everything above it, also in other tables.
    fn a_dry_run_sees_to_the_bottom_of_a_tree(db) {
        prepare_kin(&db);
        db.sql("
            INSERT INTO folders (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (10, NULL), (11, 10), (12, 11), (20, NULL), (21, 20), (22, 21), (23, 20);
            INSERT INTO papers (id, folder_id) VALUES (1, 4), (2, 12), (3, 22);
            INSERT INTO tickets (id, parent_id, duplicate_of) VALUES (1, NULL, NULL), (2, 1, NULL), (3, NULL, 2), (4, 3, NULL), (5, NULL, 1), (6, NULL, NULL), (7, 6, NULL), (8, 7, 6)");
        let mut conn = act!(connect(&db));
        act!(Folder::soft_delete_where(&mut conn, folders::id.gt(0), at_noon("bob", "closed"))).unwrap();
        act!(Ticket::soft_delete_where(&mut conn, tickets::id.gt(0), at_noon("bob", "closed"))).unwrap();
        act!(Folder::hold_by_id(&mut conn, 4, at_noon("legal", "case 17"))).unwrap();
        act!(Ticket::hold_by_id(&mut conn, 4, at_noon("legal", "case 17"))).unwrap();
        db.sql("UPDATE papers SET deleted_at = NULL, deletion_id = NULL WHERE id = 3");
        let registry = kin();
        let told = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap();
        let figure = |name: &str| figures(&told).into_iter().find(|figures| figures.0 == name).unwrap();
        assert_eq!(figure("folders"), ("folders".to_owned(), 11, 3, 1, 1, 6));
        assert_eq!(figure("tickets"), ("tickets".to_owned(), 8, 3, 1, 0, 4));
        let done = act!(clean(&mut conn, cleaning(&registry, due()))).unwrap();
        assert_eq!(figures(&told), figures(&done));
        assert_eq!(act!(tickets::table.order(tickets::id).select(tickets::id).load::<i64>(&mut conn)).unwrap(), [1, 2, 3, 4, 5]);
    }
}

case! {
    /// In a dry run the database itself refuses to write; afterwards it writes again.
    fn a_dry_run_leaves_the_connection_as_it_was(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        let registry = soft_delete::Registry::new().with::<Lead>();
        act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 2, at_noon("bob", "left"))).unwrap();
        act!(begin(&mut conn));
        act!(Lead::soft_delete_by_id(&mut conn, 3, at_noon("bob", "left"))).unwrap();
        let inside = act!(clean(&mut conn, cleaning(&registry, due()).dry_run(true))).unwrap();
        assert_eq!(inside.purged(), 3, "a transaction of the caller's is looked at from inside");
        act!(commit(&mut conn));
        assert_eq!(act!(Lead::only_deleted().count().get_result::<i64>(&mut conn)).unwrap(), 3);
    }
}
