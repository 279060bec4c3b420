//! Removing deleted rows for good before their time.

use super::super::*;
use crate::support::clock::at_noon;
use soft_delete::Error;

/// The keys of all rows of a table, deleted or not.
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

fn trail(mut rows: Vec<(String, String, bool)>) -> Vec<String> {
    rows.sort();
    let line = |(model, id, root): &(String, String, bool)| {
        format!("{model} {id}{}", if *root { " root" } else { "" })
    };
    rows.iter().map(line).collect()
}

macro_rules! removed {
    ($conn:expr) => {
        trail(act!(soft_delete_audit::table
            .filter(soft_delete_audit::action.eq("force_delete"))
            .select((soft_delete_audit::model, soft_delete_audit::record_id, soft_delete_audit::root))
            .load($conn)).unwrap())
    };
}

case! {
    /// One deleted row goes, with an audit row that outlives it; an active one and one that is gone do not.
    fn removes_one_deleted_row_only(db) {
        let mut conn = act!(connect(&db));
        let admin = || at_noon("admin", "request 12");
        let active = act!(Lead::force_delete_by_id(&mut conn, 1, admin())).unwrap_err();
        assert!(matches!(&active, Error::NotDeleted { model, id } if (model.as_str(), id.as_str()) == ("leads", "1")), "{active:?}");
        act!(Lead::soft_delete_where(&mut conn, leads::id.le(2), at_noon("bob", "left"))).unwrap();
        let silent = act!(Lead::force_delete_by_id(&mut conn, 1, Actor::new("admin"))).unwrap_err();
        assert!(matches!(silent, Error::ReasonRequired { .. }), "{silent:?}");
        assert_eq!(act!(leads::table.count().get_result::<i64>(&mut conn)).unwrap(), 3);
        let gone = act!(Lead::force_delete_by_id(&mut conn, 1, admin())).unwrap();
        assert_eq!((gone.rows(), gone.models[0].model.as_str()), (1, "leads"));
        assert_eq!(all!(&mut conn, leads), [2, 3]);
        assert_eq!(removed!(&mut conn), ["leads 1 root"]);
        let again = act!(Lead::force_delete_by_id(&mut conn, 1, admin())).unwrap_err();
        assert!(matches!(&again, Error::Purged { by, .. } if by == "admin"), "{again:?}");
        let back = act!(Lead::restore_by_id(&mut conn, 1, admin())).unwrap_err();
        assert!(back.is_purged(), "{back:?}");
        let never = act!(Lead::force_delete_by_id(&mut conn, 99, admin())).unwrap_err();
        assert!(never.is_not_found(), "{never:?}");
        let rest = act!(Lead::force_delete_where(&mut conn, leads::id.ge(1), admin())).unwrap();
        assert_eq!(rest.rows(), 1);
        assert_eq!(all!(&mut conn, leads), [3], "the active row is passed over");
        assert!(!act!(Lead::force_delete_where(&mut conn, leads::id.ge(1), admin())).unwrap().is_changed());
    }
}

const TEAMS: &str = "
    INSERT INTO teams (id) VALUES (1), (2);
    INSERT INTO members (id, team_id) VALUES (10, 1), (11, 1), (20, 2);
    INSERT INTO tasks (id, team_id, member_id) VALUES (100, 1, 10), (101, 1, NULL), (102, 2, 11), (200, 2, 20);
    INSERT INTO pictures (id, team_id) VALUES (5, 1), (6, 1), (7, 2)";

case! {
    /// What is below goes too, whenever it was deleted, with what is owned; the rest stays.
    fn removes_what_is_below_and_owned(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        let mut conn = act!(connect(&db));
        act!(Task::soft_delete_by_id(&mut conn, 101, at_noon("eve", "earlier"))).unwrap();
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        let gone = act!(Team::force_delete_by_id(&mut conn, 1, at_noon("admin", "request"))).unwrap();
        let told: Vec<(&str, u64)> = gone.models.iter().map(|model| (model.model.as_str(), model.rows)).collect();
        assert_eq!(told, [("teams", 1), ("members", 2), ("tasks", 3), ("pictures", 2)]);
        assert_eq!(all!(&mut conn, teams), [2]);
        assert_eq!(all!(&mut conn, members), [20]);
        assert_eq!(all!(&mut conn, tasks), [200]);
        assert_eq!(all!(&mut conn, pictures), [7]);
        assert_eq!(
            removed!(&mut conn),
            ["members 10", "members 11", "tasks 100", "tasks 101", "tasks 102", "teams 1 root"]
        );
    }
}

case! {
    /// An active row below, a restriction, or a foreign key that nobody told of keeps all of it.
    fn refuses_while_others_refer(db) {
        prepare_kin(&db);
        db.sql(TEAMS);
        db.sql("INSERT INTO invoices (id, team_id) VALUES (1, 1)");
        let mut conn = act!(connect(&db));
        act!(Invoice::soft_delete_by_id(&mut conn, 1, at_noon("bob", "paid"))).unwrap();
        act!(Team::soft_delete_by_id(&mut conn, 1, at_noon("bob", "closed"))).unwrap();
        db.sql("INSERT INTO members (id, team_id) VALUES (12, 1)");
        let refused = act!(Team::force_delete_by_id(&mut conn, 1, at_noon("admin", "request"))).unwrap_err();
        let Error::StillReferenced { model, children } = &refused else { panic!("{refused:?}") };
        assert_eq!(model, "teams");
        assert_eq!(*children, [("invoices".to_owned(), 1), ("members".to_owned(), 1)]);
        assert_eq!(all!(&mut conn, members), [10, 11, 12, 20]);
        act!(Member::soft_delete_by_id(&mut conn, 12, at_noon("bob", "late"))).unwrap();
        act!(Invoice::force_delete_by_id(&mut conn, 1, at_noon("admin", "request"))).unwrap();
        db.sql("CREATE TABLE badges (id BIGINT PRIMARY KEY, member_id BIGINT NOT NULL, CONSTRAINT badge_of FOREIGN KEY (member_id) REFERENCES members (id))");
        db.sql("INSERT INTO badges (id, member_id) VALUES (1, 10)");
        let refused = act!(Team::force_delete_by_id(&mut conn, 1, at_noon("admin", "request"))).unwrap_err();
        let expected = if DATABASE == soft_delete::Database::Sqlite { "a foreign key" } else { "badge_of" };
        assert!(matches!(&refused, Error::Blocked { model, constraint, .. } if (model.as_str(), constraint.as_str()) == ("members", expected)), "{refused:?}");
        assert_eq!(all!(&mut conn, tasks), [100, 101, 102, 200]);
        assert_eq!(all!(&mut conn, pictures), [5, 6, 7]);
        assert_eq!(removed!(&mut conn), ["invoices 1 root"]);
    }
}

case! {
    /// A tree and a circle of models, with foreign keys among their own rows.
    fn removes_trees_and_circles(db) {
        prepare_kin(&db);
        db.sql("
            INSERT INTO folders (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2), (9, NULL), (10, 9);
            INSERT INTO papers (id, folder_id) VALUES (20, 2), (30, 3), (90, 9);
            INSERT INTO authors (id, inspired_by) VALUES (1, NULL), (2, NULL), (3, NULL);
            INSERT INTO books (id, author_id) VALUES (10, 1), (20, 2), (30, 3);
            UPDATE authors SET inspired_by = 10 WHERE id = 2;
            UPDATE authors SET inspired_by = 20 WHERE id = 1");
        let mut conn = act!(connect(&db));
        act!(Folder::soft_delete_by_id(&mut conn, 3, at_noon("eve", "earlier"))).unwrap();
        act!(Folder::soft_delete_by_id(&mut conn, 1, at_noon("bob", "old"))).unwrap();
        act!(Folder::soft_delete_by_id(&mut conn, 10, at_noon("bob", "other"))).unwrap();
        let gone = act!(Folder::force_delete_by_id(&mut conn, 1, at_noon("admin", "request"))).unwrap();
        assert_eq!(gone.rows(), 5);
        assert_eq!(all!(&mut conn, folders), [9, 10]);
        assert_eq!(all!(&mut conn, papers), [90]);
        assert_eq!(removed!(&mut conn), ["folders 1 root", "folders 2", "folders 3", "papers 20", "papers 30"]);
        act!(Author::soft_delete_by_id(&mut conn, 1, at_noon("bob", "old"))).unwrap();
        let gone = act!(Author::force_delete_by_id(&mut conn, 1, at_noon("admin", "request"))).unwrap();
        assert_eq!(gone.rows(), 4, "{gone:?}");
        assert_eq!(all!(&mut conn, authors), [3]);
        assert_eq!(all!(&mut conn, books), [30]);
    }
}

case! {
    /// A hook sees what is removed and may keep all of it.
    fn hooks_see_it_and_may_veto(db) {
        let mut conn = act!(connect(&db));
        let actor = || Actor::new(db.url());
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("bob", "left"))).unwrap();
        let vetoed = act!(WatchedLead::force_delete_where(&mut conn, leads::id.eq(1), actor().because("veto"))).unwrap_err();
        assert!(vetoed.is_vetoed(), "{vetoed:?}");
        assert_eq!(all!(&mut conn, leads), [1, 2, 3]);
        crate::support::hook::seen(db.url());
        act!(WatchedLead::force_delete_where(&mut conn, leads::id.eq(1), actor().because("gone"))).unwrap();
        assert_eq!(
            crate::support::hook::seen(db.url()),
            ["before force_delete leads [\"1\"]", "after force_delete leads [\"1\"]"]
        );
    }
}
