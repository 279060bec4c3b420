//! Hooks around an act.

use super::super::*;
use crate::support::hook::seen;
use soft_delete::Error;

// Tests share the hook, so each acts under a name that only it has.
fn actor(db: &crate::support::database::TestDatabase) -> Actor {
    Actor::new(db.url())
}

case! {
    /// `before` sees the act with the record's id, then the change is made, then `after` sees it.
    fn are_called_before_and_after_with_the_id(db) {
        let mut conn = act!(connect(&db));
        assert!(act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(1), actor(&db))).unwrap().is_changed());
        assert!(act!(WatchedLead::restore_by_id(&mut conn, LeadId(1), actor(&db))).unwrap().is_changed());
        assert_eq!(seen(db.url()), [
            "before soft_delete leads [\"1\"]",
            "after soft_delete leads [\"1\"]",
            "before restore leads [\"1\"]",
            "after restore leads [\"1\"]",
        ]);
    }
}

case! {
    /// An act that would change nothing is not shown.
    fn are_not_called_when_nothing_would_change(db) {
        let mut conn = act!(connect(&db));
        assert_eq!(act!(WatchedLead::restore_by_id(&mut conn, LeadId(1), actor(&db))).unwrap(), Outcome::Unchanged);
        assert!(act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(99), actor(&db))).unwrap_err().is_not_found());
        assert!(seen(db.url()).is_empty());
    }
}

case! {
    /// A veto rolls the whole back and names the hook; so does a panic.
    fn may_veto_by_error_or_by_panic(db) {
        let mut conn = act!(connect(&db));
        let mut lead: WatchedLead =
            act!(WatchedLead::active().find(LeadId(1)).select(WatchedLead::as_select()).first(&mut conn)).unwrap();
        for (reason, said) in [("veto", "not today"), ("panic", "the hook panicked: the hook fell over")] {
            let error = act!(lead.soft_delete(&mut conn, actor(&db).because(reason))).unwrap_err();
            assert!(matches!(&error, Error::Vetoed { hook, source } if hook.contains("watcher") || source.to_string().contains("watcher")), "{error:?}");
            assert!(error.to_string().ends_with(said), "{error}");
            assert!(!lead.is_deleted());
        }
        let active: Vec<i64> = act!(WatchedLead::active().order(leads::id).select(leads::id).load(&mut conn)).unwrap();
        assert_eq!(active, [1, 2, 3]);
        let audit: i64 = act!(soft_delete_audit::table.count().get_result(&mut conn)).unwrap();
        assert_eq!(audit, 0);
        assert_eq!(seen(db.url()), ["before soft_delete leads [\"1\"]"; 2], "`after` is not called");
    }
}

case! {
    /// A hook that fails after the commit cannot undo it.
    fn cannot_undo_what_is_committed(db) {
        let mut conn = act!(connect(&db));
        for (id, reason) in [(1, "fail late"), (2, "panic late")] {
            let outcome = act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(id), actor(&db).because(reason))).unwrap();
            assert_eq!(outcome, Outcome::Changed);
        }
        let bin: Vec<i64> = act!(WatchedLead::only_deleted().order(leads::id).select(leads::id).load(&mut conn)).unwrap();
        assert_eq!(bin, [1, 2]);
    }
}

case! {
    /// The hook of a model that goes along sees its rows, and its veto or panic keeps the whole family as it was.
    fn hooks_of_what_goes_along_may_veto(db) {
        prepare_kin(&db);
        db.sql("INSERT INTO folders (id, parent_id) VALUES (1, NULL), (2, 1)");
        db.sql("INSERT INTO papers (id, folder_id) VALUES (10, 1), (20, 2)");
        let mut conn = act!(connect(&db));
        let actor = || Actor::new(db.url());
        for word in ["veto", "panic"] {
            let vetoed = act!(Folder::soft_delete_by_id(&mut conn, 1, actor().because(word))).unwrap_err();
            assert!(matches!(&vetoed, Error::Vetoed { hook, .. } if hook == "watcher"), "{vetoed:?}");
        }
        assert_eq!(act!(Folder::active().count().get_result::<i64>(&mut conn)).unwrap(), 2);
        assert_eq!(act!(Paper::active().count().get_result::<i64>(&mut conn)).unwrap(), 2);
        assert_eq!(act!(soft_delete_audit::table.count().get_result::<i64>(&mut conn)).unwrap(), 0);
        seen(db.url());
        act!(Folder::soft_delete_by_id(&mut conn, 1, actor())).unwrap();
        act!(Folder::restore_by_id(&mut conn, 1, actor())).unwrap();
        let mut lines = seen(db.url());
        for line in &mut lines {
            // The order of the rows of one page is the database's.
            *line = line.replace("[\"20\", \"10\"]", "[\"10\", \"20\"]");
        }
        assert_eq!(
            lines,
            ["soft_delete", "restore"].map(|act| ["before", "after"].map(|when| format!("{when} {act} papers [\"10\", \"20\"]"))).concat()
        );
    }
}
