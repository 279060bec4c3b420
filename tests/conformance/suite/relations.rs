//! What goes along with a row, and comes back with it.

use super::super::*;
use crate::support::clock::at_noon;
use soft_delete::Error;

/// The keys of the active rows of a model, in order.
macro_rules! active {
    ($conn:expr, $model:ident, $table:ident) => {
        act!(
            $model::active()
                .order($table::id)
                .select($table::id)
                .load::<i64>($conn)
        )
        .unwrap()
    };
}

/// What the audit trail tells of an action: table, key, whether it was asked for.
macro_rules! trail {
    ($conn:expr, $action:literal) => {{
        let mut rows: Vec<(String, String, bool)> = act!(
            soft_delete_audit::table
                .filter(soft_delete_audit::action.eq($action))
                .select((
                    soft_delete_audit::model,
                    soft_delete_audit::record_id,
                    soft_delete_audit::root
                ))
                .load($conn)
        )
        .unwrap();
        rows.sort();
        rows.iter()
            .map(|(model, id, root)| format!("{model} {id}{}", if *root { " root" } else { "" }))
            .collect::<Vec<_>>()
    }};
}

const TEAMS: &str = "
    INSERT INTO teams (id, email) VALUES (1, 'red@example.com'), (2, 'blue@example.com'), (3, NULL);
    INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1), (20, 2);
    INSERT INTO tasks (id, team_id, member_id) VALUES (100, 1, 10), (101, 1, NULL), (102, NULL, 11), (103, 1, 20), (200, 2, 20), (300, 3, NULL)";

case! {
    /// A row takes everything below it along, over every way and once each; what was deleted before keeps its stamp.
    fn takes_everything_below_along(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        let mut conn = act!(connect(&db));
        let before = act!(Task::soft_delete_where(&mut conn, tasks::id.eq(101), at_noon("eve", "earlier"))).unwrap();
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        assert_eq!(active!(&mut conn, Team, teams), [2, 3]);
        assert_eq!(active!(&mut conn, Member, members), [20]);
        assert_eq!(active!(&mut conn, Task, tasks), [200, 300]);
        let earlier: Task = act!(Task::only_deleted().find(101).select(Task::as_select()).first(&mut conn)).unwrap();
        assert_eq!(earlier.deletion_id.map(|id| id.to_string()), Some(before.id.to_string()));
        assert_eq!(
            trail!(&mut conn, "soft_delete"),
            ["members 10", "members 11", "tasks 100", "tasks 101 root", "tasks 102", "tasks 103", "teams 1 root"]
        );
        let stamps: Vec<Task> = act!(Task::only_deleted().filter(tasks::id.ne(101)).select(Task::as_select()).load(&mut conn)).unwrap();
        let team: Team = act!(Team::only_deleted().select(Team::as_select()).first(&mut conn)).unwrap();
        for task in stamps {
            assert_eq!((task.deletion_id, task.deleted_at), (team.deletion_id.clone(), team.deleted_at));
        }
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "again"))).unwrap();
        assert_eq!(trail!(&mut conn, "soft_delete").len(), 7, "a second call takes nothing along");
    }
}

case! {
    /// A restored row brings back exactly what went with it.
    fn brings_back_exactly_what_went_along(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        let mut conn = act!(connect(&db));
        act!(Task::soft_delete_by_id(&mut conn, 101, at_noon("eve", "earlier"))).unwrap();
        let mut team: Team = act!(Team::active().find(1).select(Team::as_select()).first(&mut conn)).unwrap();
        act!(team.soft_delete(&mut conn, at_noon("bob", "closed"))).unwrap();
        assert!(act!(team.restore(&mut conn, at_noon("bob", "sorry"))).unwrap().is_changed());
        assert!(!team.is_deleted() && team.deletion_id.is_none());
        assert_eq!(active!(&mut conn, Team, teams), [1, 2, 3]);
        assert_eq!(active!(&mut conn, Member, members), [10, 11, 20]);
        assert_eq!(active!(&mut conn, Task, tasks), [100, 102, 103, 200, 300]);
        assert_eq!(
            trail!(&mut conn, "restore"),
            ["members 10", "members 11", "tasks 100", "tasks 102", "tasks 103", "teams 1 root"]
        );
        let left: i64 = act!(Task::active().filter(tasks::deletion_id.is_not_null()).count().get_result(&mut conn)).unwrap();
        assert_eq!(left, 0);
    }
}

case! {
    /// Of an operation with many roots one comes back with what is below it; what hangs on another one as well waits.
    fn of_many_roots_one_comes_back_alone(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        let mut conn = act!(connect(&db));
        let gone = act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap();
        assert_eq!(gone.rows(), 2 + 3 + 5);
        act!(Team::restore_by_id(&mut conn, 1, at_noon("eve", "kept"))).unwrap();
        assert_eq!(active!(&mut conn, Team, teams), [1, 3]);
        assert_eq!(active!(&mut conn, Member, members), [10, 11]);
        assert_eq!(active!(&mut conn, Task, tasks), [100, 101, 102, 300], "103 hangs on member 20 as well");
        act!(Team::restore_by_id(&mut conn, 2, at_noon("eve", "kept"))).unwrap();
        assert_eq!(active!(&mut conn, Member, members), [10, 11, 20]);
        assert_eq!(active!(&mut conn, Task, tasks), [100, 101, 102, 103, 200, 300]);
        assert_eq!(trail!(&mut conn, "restore").len(), 10, "each once");
    }
}

case! {
    /// A child does not come back under a deleted parent, unless the parents come too; their other children stay.
    fn a_child_waits_for_its_parents(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        let refused = act!(Task::restore_by_id(&mut conn, 100, at_noon("eve", "needed"))).unwrap_err();
        assert!(refused.is_parent_deleted(), "{refused:?}");
        let refused = act!(Member::restore_where(&mut conn, members::id.eq(10), at_noon("eve", "needed"))).unwrap_err();
        assert!(matches!(&refused, Error::ParentDeleted { model, id, child } if (model.as_str(), id.as_str(), child.as_str()) == ("teams", "1", "members")), "{refused:?}");
        assert_eq!(trail!(&mut conn, "restore"), [""; 0], "nothing was changed");
        act!(Task::restore_by_id(&mut conn, 100, at_noon("eve", "needed").with_parents())).unwrap();
        assert_eq!(active!(&mut conn, Team, teams), [1, 2, 3]);
        assert_eq!(active!(&mut conn, Member, members), [10, 20]);
        assert_eq!(active!(&mut conn, Task, tasks), [100, 200, 300]);
        assert_eq!(trail!(&mut conn, "restore"), ["members 10", "tasks 100 root", "teams 1"]);
    }
}

case! {
    /// Active rows of a restricting model keep a row, and all that would have gone with it.
    fn a_restriction_refuses_with_counts(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        db.sql("INSERT INTO invoices (id, team_id) VALUES (1, 1), (2, 1), (3, 2)");
        let mut conn = act!(connect(&db));
        let refused = act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap_err();
        assert!(matches!(&refused, Error::Restricted { model, children } if model == "teams" && *children == [("invoices".to_owned(), 2)]), "{refused:?}");
        assert_eq!(active!(&mut conn, Team, teams), [1, 2, 3]);
        assert_eq!(active!(&mut conn, Member, members), [10, 11, 20]);
        assert_eq!(trail!(&mut conn, "soft_delete"), [""; 0]);
        act!(Invoice::soft_delete_where(&mut conn, invoices::team_id.eq(1), at_noon("bob", "paid"))).unwrap();
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        assert_eq!(active!(&mut conn, Invoice, invoices), [3]);
        act!(Team::restore_by_id(&mut conn, 1, at_noon("bob", "sorry"))).unwrap();
        assert_eq!(active!(&mut conn, Invoice, invoices), [3], "a restriction is no cascade");
    }
}

const FOLDERS: &str = "
    INSERT INTO folders (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 1), (9, NULL);
    INSERT INTO papers (id, folder_id) VALUES (10, 1), (30, 3), (31, 3), (40, 4), (50, 5), (90, 9)";

case! {
    /// A tree goes to any depth, and a branch that went before stays where it is.
    fn a_tree_goes_and_comes_back_branch_by_branch(db) {
        prepare_kin(&db);
        db.sql(FOLDERS);
        let mut conn = act!(connect(&db));
        act!(Folder::soft_delete_by_id(&mut conn, 3, at_noon("eve", "old"))).unwrap();
        assert_eq!(active!(&mut conn, Folder, folders), [1, 2, 5, 9]);
        assert_eq!(trail!(&mut conn, "soft_delete"), ["folders 3 root", "folders 4", "papers 30", "papers 31", "papers 40"]);
        act!(Folder::soft_delete_by_id(&mut conn, 1, at_noon("bob", "all"))).unwrap();
        assert_eq!(active!(&mut conn, Folder, folders), [9]);
        assert_eq!(active!(&mut conn, Paper, papers), [90]);
        act!(Folder::restore_by_id(&mut conn, 1, at_noon("bob", "back"))).unwrap();
        assert_eq!(active!(&mut conn, Folder, folders), [1, 2, 5, 9]);
        assert_eq!(active!(&mut conn, Paper, papers), [10, 50, 90]);
        assert_eq!(trail!(&mut conn, "restore"), ["folders 1 root", "folders 2", "folders 5", "papers 10", "papers 50"]);
        act!(Folder::restore_by_id(&mut conn, 3, at_noon("bob", "back"))).unwrap();
        assert_eq!(active!(&mut conn, Folder, folders), [1, 2, 3, 4, 5, 9]);
        assert_eq!(active!(&mut conn, Paper, papers), [10, 30, 31, 40, 50, 90]);
    }
}

case! {
    /// Roots below roots of one tree: each was asked for; a restore of one takes what went below it.
    fn roots_of_one_tree_below_each_other(db) {
        prepare_kin(&db);
        db.sql(FOLDERS);
        let mut conn = act!(connect(&db));
        act!(Folder::soft_delete_where(&mut conn, folders::id.eq_any([1, 3]), at_noon("bob", "both"))).unwrap();
        assert_eq!(
            trail!(&mut conn, "soft_delete"),
            ["folders 1 root", "folders 2", "folders 3 root", "folders 4", "folders 5", "papers 10", "papers 30", "papers 31", "papers 40", "papers 50"]
        );
        let refused = act!(Folder::restore_by_id(&mut conn, 3, at_noon("bob", "inner"))).unwrap_err();
        assert!(matches!(&refused, Error::ParentDeleted { model, id, .. } if (model.as_str(), id.as_str()) == ("folders", "2")), "{refused:?}");
        act!(Folder::restore_where(&mut conn, folders::id.eq_any([2, 4]), at_noon("eve", "inner").with_parents())).unwrap();
        assert_eq!(active!(&mut conn, Folder, folders), [1, 2, 3, 4, 9]);
        assert_eq!(active!(&mut conn, Paper, papers), [30, 31, 40, 90]);
        assert_eq!(
            trail!(&mut conn, "restore"),
            ["folders 1", "folders 2 root", "folders 3", "folders 4 root", "papers 30", "papers 31", "papers 40"]
        );
        act!(Folder::soft_delete_by_id(&mut conn, 1, at_noon("bob", "again"))).unwrap();
        let both = act!(Folder::restore_where(&mut conn, folders::id.eq_any([1, 2]), at_noon("eve", "together"))).unwrap();
        assert_eq!(both.rows(), 4 + 3);
        assert_eq!(active!(&mut conn, Folder, folders), [1, 2, 3, 4, 9]);
    }
}

case! {
    /// Models that refer to each other in a circle: rows go and come back over any number of turns.
    fn a_circle_of_models(db) {
        prepare_kin(&db);
        db.sql("
            INSERT INTO authors (id, inspired_by) VALUES (1, NULL), (2, 10), (3, 20), (4, 99), (5, 21);
            INSERT INTO books (id, author_id) VALUES (10, 1), (20, 2), (21, 2), (30, 3), (40, 4);
            UPDATE authors SET inspired_by = 30 WHERE id = 5");
        let mut conn = act!(connect(&db));
        act!(Book::soft_delete_by_id(&mut conn, 21, at_noon("eve", "earlier"))).unwrap();
        act!(Author::soft_delete_by_id(&mut conn, 2, at_noon("bob", "all"))).unwrap();
        assert_eq!(active!(&mut conn, Author, authors), [1, 4]);
        assert_eq!(active!(&mut conn, Book, books), [10, 40]);
        assert_eq!(
            trail!(&mut conn, "soft_delete"),
            ["authors 2 root", "authors 3", "authors 5", "books 20", "books 21 root", "books 30"]
        );
        let refused = act!(Author::restore_by_id(&mut conn, 5, at_noon("bob", "back"))).unwrap_err();
        assert!(refused.is_parent_deleted(), "{refused:?}");
        act!(Author::restore_by_id(&mut conn, 2, at_noon("bob", "back"))).unwrap();
        assert_eq!(active!(&mut conn, Author, authors), [1, 2, 3, 4, 5]);
        assert_eq!(active!(&mut conn, Book, books), [10, 20, 30, 40]);
        assert_eq!(trail!(&mut conn, "restore"), ["authors 2 root", "authors 3", "authors 5", "books 20", "books 30"]);
        let forgotten: i64 = act!(Author::active().filter(authors::deletion_id.is_not_null()).count().get_result(&mut conn)).unwrap();
        let left: i64 = act!(Book::active().filter(books::deletion_id.is_not_null()).count().get_result(&mut conn)).unwrap();
        assert_eq!((forgotten, left), (0, 0));
        act!(Author::soft_delete_by_id(&mut conn, 1, at_noon("bob", "all"))).unwrap();
        assert_eq!(active!(&mut conn, Author, authors), [4]);
        act!(Author::restore_by_id(&mut conn, 5, at_noon("bob", "one").with_parents())).unwrap();
        assert_eq!(active!(&mut conn, Author, authors), [1, 2, 3, 4, 5]);
        assert_eq!(active!(&mut conn, Book, books), [10, 20, 30, 40]);
    }
}

case! {
    /// A key of several columns.
    fn a_composite_key(db) {
        prepare_kin(&db);
        db.sql("
            INSERT INTO stores (region, code) VALUES ('north', 1), ('north', 2), ('south', 1);
            INSERT INTO shelves (id, region, code) VALUES (11, 'north', 1), (12, 'north', 2), (21, 'south', 1)");
        let mut conn = act!(connect(&db));
        act!(Store::soft_delete_by_id(&mut conn, ("north", 1), at_noon("bob", "moved"))).unwrap();
        assert_eq!(active!(&mut conn, Shelf, shelves), [12, 21]);
        let refused = act!(Shelf::restore_by_id(&mut conn, 11, at_noon("bob", "back"))).unwrap_err();
        assert!(matches!(&refused, Error::ParentDeleted { id, .. } if id == "north,1"), "{refused:?}");
        act!(Store::restore_by_id(&mut conn, ("north", 1), at_noon("bob", "back"))).unwrap();
        assert_eq!(active!(&mut conn, Shelf, shelves), [11, 12, 21]);
        assert_eq!(trail!(&mut conn, "restore"), ["shelves 11", "stores north,1 root"]);
    }
}

case! {
    /// Undo takes a cascade back over all models, and what is left of it only.
    fn undo_takes_a_cascade_back(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        let mut conn = act!(connect(&db));
        let gone = act!(Team::soft_delete_where(&mut conn, teams::id.ge(1), at_noon("bob", "all"))).unwrap();
        act!(Team::restore_by_id(&mut conn, 2, at_noon("eve", "kept"))).unwrap();
        act!(Member::soft_delete_by_id(&mut conn, 20, at_noon("eve", "left"))).unwrap();
        let undone = act!(undo(&mut conn, &kin(), gone.id, Actor::new("eve"))).unwrap_err();
        assert!(matches!(&undone, Error::ParentDeleted { model, id, .. } if (model.as_str(), id.as_str()) == ("members", "20")), "{undone:?}");
        act!(Member::restore_by_id(&mut conn, 20, at_noon("eve", "back"))).unwrap();
        let undone = act!(undo(&mut conn, &kin(), gone.id, Actor::new("eve"))).unwrap();
        assert_eq!(undone.rows(), 2 + 2 + 5);
        assert_eq!(active!(&mut conn, Task, tasks), [100, 101, 102, 103, 200, 300]);
        let partly = soft_delete::Registry::new().with::<Team>();
        let refused = act!(undo(&mut conn, &partly, gone.id, Actor::new("eve"))).unwrap_err();
        assert!(matches!(&refused, Error::UnregisteredRelation { model, missing } if (model.as_str(), missing.as_str()) == ("teams", "members")), "{refused:?}");
        let order: Vec<&str> = kin().children_first().iter().map(|model| model.name()).collect();
        let place = |name: &str| order.iter().position(|other| *other == name).unwrap();
        assert!(place("tasks") < place("members") && place("members") < place("teams") && place("papers") < place("folders"));
    }
}

case! {
    /// A plan counts what would come along and names a deleted parent, as the restore would.
    fn a_plan_counts_what_comes_along(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_where(&mut conn, teams::id.le(2), at_noon("bob", "closed"))).unwrap();
        db.sql("INSERT INTO teams (id, email) VALUES (4, 'red@example.com')");
        let plan = act!(Team::restore_plan_by_id(&mut conn, 1, at_noon("eve", "look"))).unwrap();
        let told: Vec<(&str, u64)> = plan.models.iter().map(|model| (model.model.as_str(), model.rows)).collect();
        assert_eq!(told, [("teams", 1), ("members", 2), ("tasks", 3)]);
        assert_eq!(plan.conflicts.iter().map(|row| row.taken_by.as_str()).collect::<Vec<_>>(), ["4"]);
        let plan = act!(Task::restore_plan_by_id(&mut conn, 100, at_noon("eve", "look"))).unwrap();
        assert!(!plan.is_possible() && !plan.deleted_parents.is_empty(), "{plan:?}");
        let plan = act!(Task::restore_plan_by_id(&mut conn, 100, at_noon("eve", "look").with_parents())).unwrap();
        assert_eq!((plan.rows(), plan.deleted_parents.len()), (3, 0));
        assert_eq!(active!(&mut conn, Team, teams), [3, 4], "nothing was changed");
    }
}

case! {
    /// A unique value that was taken keeps everything as it was, and the error names the row and the constraint.
    fn a_conflict_anywhere_restores_nothing(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        db.sql("INSERT INTO teams (id, email) VALUES (4, 'red@example.com')");
        for with_parents in [false, true] {
            let context = at_noon("eve", "back");
            let context = if with_parents { context.with_parents() } else { context };
            let error = act!(Team::restore_by_id(&mut conn, 1, context)).unwrap_err();
            assert!(matches!(&error, Error::Conflict { model, id: Some(id), constraint, .. } if (model.as_str(), id.as_str()) == ("teams", "1") && constraint.contains("email")), "{error:?}");
        }
        let id = act!(Team::history_by_id(&mut conn, 1)).unwrap()[0].operation_id;
        let error = act!(undo(&mut conn, &kin(), id, Actor::new("eve"))).unwrap_err();
        assert!(matches!(&error, Error::Conflict { id: Some(id), .. } if id == "1"), "{error:?}");
        assert_eq!(active!(&mut conn, Team, teams), [2, 3, 4]);
        assert_eq!(active!(&mut conn, Member, members), [20]);
        assert_eq!(trail!(&mut conn, "restore"), [""; 0]);
        act!(Team::soft_delete_by_id(&mut conn, 4, at_noon("eve", "resolved"))).unwrap();
        act!(Team::restore_by_id(&mut conn, 1, at_noon("eve", "back"))).unwrap();
        assert_eq!(active!(&mut conn, Team, teams), [1, 2, 3]);
    }
}

const TICKETS: &str = "
    INSERT INTO tickets (id, parent_id, duplicate_of) VALUES (1, NULL, NULL), (2, NULL, NULL);
    INSERT INTO tickets (id, parent_id, duplicate_of) VALUES (3, 1, 2), (6, 1, NULL);
    INSERT INTO tickets (id, parent_id, duplicate_of) VALUES (4, 3, NULL), (5, 3, 1)";

case! {
    /// Two ways through one table: a row waits for the parent that stays deleted, and what is below it waits with it.
    fn a_row_of_a_circle_waits_for_its_other_parent(db) {
        prepare_kin(&db);
        db.sql(TICKETS);
        let mut conn = act!(connect(&db));
        let gone = act!(Ticket::soft_delete_where(&mut conn, tickets::id.le(2), at_noon("bob", "closed"))).unwrap();
        assert_eq!(gone.rows(), 6);
        let plan = act!(Ticket::restore_plan_by_id(&mut conn, 1, at_noon("eve", "look"))).unwrap();
        assert_eq!(plan.rows(), 2);
        act!(Ticket::restore_by_id(&mut conn, 1, at_noon("eve", "kept"))).unwrap();
        assert_eq!(active!(&mut conn, Ticket, tickets), [1, 6], "3 duplicates 2, and the others hang on 3");
        let refused = act!(Ticket::restore_by_id(&mut conn, 4, at_noon("eve", "needed"))).unwrap_err();
        assert!(matches!(&refused, Error::ParentDeleted { model, id, .. } if (model.as_str(), id.as_str()) == ("tickets", "3")), "{refused:?}");
        act!(Ticket::restore_by_id(&mut conn, 2, at_noon("eve", "kept"))).unwrap();
        assert_eq!(active!(&mut conn, Ticket, tickets), [1, 2, 3, 4, 5, 6]);
        assert_eq!(
            trail!(&mut conn, "restore"),
            ["tickets 1 root", "tickets 2 root", "tickets 3", "tickets 4", "tickets 5", "tickets 6"]
        );
    }
}

case! {
    /// A parent that is below another row that was asked for comes back with all that went with it.
    fn a_parent_below_another_root_brings_back_what_went_along(db) {
        prepare_kin(&db);
        db.sql(TICKETS);
        let mut conn = act!(connect(&db));
        act!(Ticket::soft_delete_where(&mut conn, tickets::id.le(2), at_noon("bob", "closed"))).unwrap();
        act!(Ticket::restore_by_ids(&mut conn, [1, 4], at_noon("eve", "kept").with_parents())).unwrap();
        assert_eq!(active!(&mut conn, Ticket, tickets), [1, 2, 3, 4, 5, 6]);
        assert_eq!(
            trail!(&mut conn, "restore"),
            ["tickets 1 root", "tickets 2", "tickets 3", "tickets 4 root", "tickets 5", "tickets 6"]
        );
    }
}

case! {
    /// A plan with parents counts what no longer waits once the parents are back.
    fn a_plan_with_parents_counts_as_the_restore_does(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        db.sql(TICKETS);
        let mut conn = act!(connect(&db));
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        let plan = act!(Member::restore_plan_by_id(&mut conn, 10, at_noon("eve", "look").with_parents())).unwrap();
        let told: Vec<(&str, u64)> = plan.models.iter().map(|model| (model.model.as_str(), model.rows)).collect();
        assert_eq!(told, [("members", 1), ("tasks", 1), ("teams", 1)]);
        let back = act!(Member::restore_where(&mut conn, members::id.eq(10), at_noon("eve", "kept").with_parents())).unwrap();
        assert_eq!(back.models, plan.models);
        act!(Ticket::soft_delete_where(&mut conn, tickets::id.le(2), at_noon("bob", "closed"))).unwrap();
        let plan = act!(Ticket::restore_plan_where(&mut conn, tickets::id.eq(3), at_noon("eve", "look").with_parents())).unwrap();
        let back = act!(Ticket::restore_where(&mut conn, tickets::id.eq(3), at_noon("eve", "kept").with_parents())).unwrap();
        assert_eq!((back.rows(), &back.models), (5, &plan.models), "5 hangs on 1 as well");
    }
}

case! {
    /// Undo with parents: the operation's own rows were asked for, their parents go along; over any number of turns.
    fn undo_brings_parents_along(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        db.sql("
            INSERT INTO authors (id, inspired_by) VALUES (1, NULL), (2, 10), (3, 20);
            INSERT INTO books (id, author_id) VALUES (10, 1), (20, 2), (30, 3)");
        let mut conn = act!(connect(&db));
        let earlier = act!(Author::soft_delete_where(&mut conn, authors::id.eq(3), at_noon("eve", "earlier"))).unwrap();
        act!(Author::soft_delete_by_id(&mut conn, 1, at_noon("bob", "all"))).unwrap();
        let undone = act!(undo(&mut conn, &kin(), earlier.id, at_noon("eve", "back").with_parents())).unwrap();
        assert_eq!(undone.rows(), 6);
        assert_eq!(active!(&mut conn, Author, authors), [1, 2, 3]);
        assert_eq!(active!(&mut conn, Book, books), [10, 20, 30]);
        assert_eq!(
            trail!(&mut conn, "restore"),
            ["authors 1", "authors 2", "authors 3 root", "books 10", "books 20", "books 30 root"]
        );
        let left: i64 = act!(Book::active().filter(books::deletion_id.is_not_null()).count().get_result(&mut conn)).unwrap();
        assert_eq!(left, 0);
        let gone = act!(Team::soft_delete_where(&mut conn, teams::id.eq(1), at_noon("bob", "closed"))).unwrap();
        act!(Member::soft_delete_by_id(&mut conn, 20, at_noon("bob", "left"))).unwrap();
        act!(undo(&mut conn, &kin(), gone.id, at_noon("eve", "back").with_parents())).unwrap();
        assert_eq!(active!(&mut conn, Task, tasks), [100, 101, 102, 103, 300], "200 went with member 20");
        let along: Vec<String> = trail!(&mut conn, "restore").into_iter().filter(|row| !row.ends_with("root")).collect();
        assert_eq!(along, ["authors 1", "authors 2", "books 10", "books 20", "members 20"]);
    }
}

case! {
    /// A row that another program has marked, without an operation, is a parent like any other.
    fn a_parent_without_an_operation_comes_back_too(db) {
        prepare_kin(&db);
        db.sql("
            INSERT INTO authors (id, inspired_by) VALUES (1, NULL), (2, 10);
            INSERT INTO books (id, author_id) VALUES (10, 1), (20, 2)");
        let mut conn = act!(connect(&db));
        act!(Book::soft_delete_by_id(&mut conn, 20, at_noon("eve", "earlier"))).unwrap();
        db.sql("UPDATE authors SET deleted_at = '2026-01-01 00:00:00' WHERE id = 2");
        act!(Author::soft_delete_by_id(&mut conn, 1, at_noon("bob", "all"))).unwrap();
        act!(Book::restore_by_id(&mut conn, 20, at_noon("bob", "back").with_parents())).unwrap();
        assert_eq!(active!(&mut conn, Author, authors), [1, 2]);
        assert_eq!(active!(&mut conn, Book, books), [10, 20]);
        assert_eq!(trail!(&mut conn, "restore"), ["authors 1", "authors 2", "books 10", "books 20 root"]);
        let left: i64 = act!(Author::active().filter(authors::deletion_id.is_not_null()).count().get_result(&mut conn)).unwrap();
        assert_eq!(left, 0);
    }
}
