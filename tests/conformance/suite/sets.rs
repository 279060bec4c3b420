//! Operations on sets of rows, and taking them back.

use super::super::*;
use crate::support::{clock::at_noon, hook::seen};
use soft_delete::{Error, Registry};

fn registry() -> Registry {
    Registry::new().with::<Lead>().with::<Callback>()
}

case! {
    /// One operation: every row that meets the condition carries its identity and has one audit row.
    fn marks_all_that_meet_the_condition_in_one_operation(db) {
        let mut conn = act!(connect(&db));
        let gone = act!(Lead::soft_delete_where(&mut conn, leads::owner_id.eq(7), at_noon("bob", "left"))).unwrap();
        assert_eq!((gone.rows(), gone.models.len(), gone.models[0].model.as_str()), (2, 1, "leads"));
        let bin: Vec<Lead> = act!(Lead::only_deleted().order(leads::id).select(Lead::as_select()).load(&mut conn)).unwrap();
        assert_eq!(bin.iter().map(|lead| lead.id).collect::<Vec<_>>(), [1, 2]);
        for lead in &bin {
            assert_eq!(lead.deletion_id.clone().map(|id| id.to_string()), Some(gone.id.to_string()));
            assert_eq!((lead.deleted_by.as_deref(), lead.deletion_reason.as_deref()), (Some("bob"), Some("left")));
            let history = act!(lead.history(&mut conn)).unwrap();
            assert_eq!(history.iter().map(|act| (act.operation_id, act.root)).collect::<Vec<_>>(), [(gone.id, true)]);
        }
    }
}

case! {
    /// The condition is in brackets: an OR of the caller's reaches no row that is deleted or active already.
    fn the_condition_cannot_escape(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("first"))).unwrap();
        // Not Diesel's own `or`, which comes in brackets already.
        let all = || diesel::dsl::sql::<diesel::sql_types::Bool>("id < 100 OR id > 0");
        let gone = act!(Lead::soft_delete_where(&mut conn, all(), Actor::new("second"))).unwrap();
        assert_eq!(gone.rows(), 2);
        let by: Vec<Option<String>> =
            act!(leads::table.order(leads::id).select(leads::deleted_by).load(&mut conn)).unwrap();
        assert_eq!(by, [Some("first".into()), Some("second".into()), Some("second".into())], "the first stamp stands");
        let again = act!(Lead::soft_delete_where(&mut conn, all(), Actor::new("third"))).unwrap();
        assert!(!again.is_changed() && again.models.is_empty());
        let audit: i64 = act!(soft_delete_audit::table.count().get_result(&mut conn)).unwrap();
        assert_eq!(audit, 3);
    }
}

case! {
    /// Restore of a set brings back the deleted rows that meet the condition, each with its audit row.
    fn restores_all_that_meet_the_condition(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.ge(1), Actor::new("bob"))).unwrap();
        let back = act!(Lead::restore_where(&mut conn, leads::owner_id.eq(7), at_noon("eve", "sorry"))).unwrap();
        assert_eq!(back.rows(), 2);
        assert_eq!(act!(Lead::active().order(leads::id).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1, 2]);
        let restored: Vec<String> = act!(soft_delete_audit::table
            .filter(soft_delete_audit::action.eq("restore"))
            .order(soft_delete_audit::record_id)
            .select(soft_delete_audit::record_id)
            .load(&mut conn)).unwrap();
        assert_eq!(restored, ["1", "2"]);
        let last = act!(Lead::history_by_id(&mut conn, 1)).unwrap().pop().unwrap();
        assert_eq!((last.operation_id, last.actor.as_str(), last.reason.as_deref()), (back.id, "eve", Some("sorry")));
    }
}

case! {
    /// A conflict of one row leaves the whole set as it was.
    fn a_conflict_of_one_row_restores_none(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.ge(1), Actor::new("bob"))).unwrap();
        act!(batch(&mut conn, "INSERT INTO leads (id, full_name, email, owner_id) VALUES (4, 'Ada II', 'ada@example.com', 9)"));
        let error = act!(Lead::restore_where(&mut conn, leads::id.ge(1), Actor::new("eve"))).unwrap_err();
        assert!(matches!(&error, Error::Conflict { id: Some(id), constraint, .. } if id == "1" && constraint.contains("email")), "{error:?}");
        assert_eq!(act!(Lead::active().select(leads::id).load::<i64>(&mut conn)).unwrap(), [4]);
        let restored: i64 = act!(soft_delete_audit::table
            .filter(soft_delete_audit::action.eq("restore"))
            .count()
            .get_result(&mut conn)).unwrap();
        assert_eq!(restored, 0);
    }
}

case! {
    /// Undo brings back what is left of an operation, and nothing of another.
    fn undo_takes_back_what_is_left_of_one_operation(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 3, Actor::new("earlier"))).unwrap();
        let gone = act!(Lead::soft_delete_where(&mut conn, leads::id.ge(1), Actor::new("bob"))).unwrap();
        act!(Lead::restore_by_id(&mut conn, 1, Actor::new("eve"))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("again"))).unwrap();
        let undone = act!(undo(&mut conn, &registry(), gone.id, Actor::new("eve"))).unwrap();
        assert_eq!(undone.rows(), 1);
        assert_eq!(act!(Lead::active().select(leads::id).load::<i64>(&mut conn)).unwrap(), [2]);
        assert!(!act!(undo(&mut conn, &registry(), gone.id, Actor::new("eve"))).unwrap().is_changed(), "nothing is left");
        let unknown = act!(undo(&mut conn, &registry(), undone_twice(), Actor::new("eve"))).unwrap_err();
        assert!(matches!(unknown, Error::UnknownOperation { .. }), "{unknown:?}");
    }
}

fn undone_twice() -> soft_delete::DeletionId {
    "018cc251-f400-7000-8000-000000000000".parse().unwrap()
}

case! {
    /// Hooks see the ids of a set, and a veto takes all of it back.
    fn hooks_see_the_ids_and_may_veto(db) {
        let mut conn = act!(connect(&db));
        let actor = || Actor::new(db.url());
        let all = leads::id.ge(1);
        let vetoed = act!(WatchedLead::soft_delete_where(&mut conn, all, actor().because("veto"))).unwrap_err();
        assert!(vetoed.is_vetoed(), "{vetoed:?}");
        assert_eq!(act!(Lead::active().count().get_result::<i64>(&mut conn)).unwrap(), 3);
        assert_eq!(act!(soft_delete_audit::table.count().get_result::<i64>(&mut conn)).unwrap(), 0);
        seen(db.url());
        assert_eq!(act!(WatchedLead::soft_delete_where(&mut conn, leads::owner_id.eq(8), actor())).unwrap().rows(), 1);
        assert_eq!(seen(db.url()), ["before soft_delete leads [\"3\"]", "after soft_delete leads [\"3\"]"]);
    }
}

case! {
    /// More rows than a page of ids: hooks see every one, once before and once after.
    fn hooks_see_large_sets_in_pages(db) {
        let mut conn = act!(connect(&db));
        let values: Vec<String> = (1_000..3_500).map(|id| format!("({id}, 'x', 99)")).collect();
        act!(batch(&mut conn, &format!("INSERT INTO leads (id, full_name, owner_id) VALUES {}", values.join(", "))));
        let gone = act!(WatchedLead::soft_delete_where(&mut conn, leads::owner_id.eq(99), Actor::new(db.url()))).unwrap();
        assert_eq!(gone.rows(), 2_500);
        let lines = seen(db.url());
        for when in ["before", "after"] {
            let pages: Vec<usize> = lines
                .iter()
                .filter(|line| line.starts_with(when))
                .map(|line| line.matches('"').count() / 2)
                .collect();
            assert_eq!(pages, [1_000, 1_000, 500]);
        }
    }
}

case! {
    /// A set goes with the caller's transaction.
    fn the_callers_rollback_takes_the_set(db) {
        let mut conn = act!(connect(&db));
        act!(begin(&mut conn));
        act!(Lead::soft_delete_where(&mut conn, leads::id.ge(1), Actor::new("bob"))).unwrap();
        act!(Lead::restore_where(&mut conn, leads::id.eq(2), Actor::new("bob"))).unwrap();
        act!(rollback(&mut conn));
        assert_eq!(act!(Lead::active().count().get_result::<i64>(&mut conn)).unwrap(), 3);
        assert_eq!(act!(soft_delete_audit::table.count().get_result::<i64>(&mut conn)).unwrap(), 0);
    }
}

case! {
    /// Rows by their keys: one operation, more keys than one statement takes, keys without a row passed over.
    fn marks_and_restores_by_keys(db) {
        let mut conn = act!(connect(&db));
        let values: Vec<String> = (1_000..6_000).map(|id| format!("({id}, 'x', 99)")).collect();
        act!(batch(&mut conn, &format!("INSERT INTO leads (id, full_name, owner_id) VALUES {}", values.join(", "))));
        act!(Lead::soft_delete_by_id(&mut conn, 2, Actor::new("first"))).unwrap();
        let ids = || (1_000..6_100_i64).chain([1, 2]);
        let gone = act!(Lead::soft_delete_by_ids(&mut conn, ids(), at_noon("bob", "many"))).unwrap();
        assert_eq!(gone.rows(), 5_001);
        assert_eq!(act!(Lead::active().select(leads::id).load::<i64>(&mut conn)).unwrap(), [3]);
        let audit: i64 = act!(soft_delete_audit::table.filter(soft_delete_audit::actor.eq("bob")).count().get_result(&mut conn)).unwrap();
        assert_eq!(audit, 5_001, "one audit row each");
        let first: Lead = act!(Lead::only_deleted().find(2).select(Lead::as_select()).first(&mut conn)).unwrap();
        assert_eq!(first.deleted_by.as_deref(), Some("first"));
        let back = act!(Lead::restore_by_ids(&mut conn, ids(), at_noon("eve", "sorry"))).unwrap();
        assert_eq!(back.rows(), 5_002);
        assert_eq!(act!(Lead::only_deleted().count().get_result::<i64>(&mut conn)).unwrap(), 0);
        let none = act!(Lead::soft_delete_by_ids(&mut conn, [0_i64; 0], at_noon("bob", "none"))).unwrap();
        assert!(!none.is_changed());
    }
}

case! {
    /// A plan tells what would come back and which values are taken, and changes nothing.
    fn a_plan_tells_what_a_restore_would_do(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_where(&mut conn, leads::id.ge(1), at_noon("bob", "all"))).unwrap();
        let plan = act!(Lead::restore_plan_where(&mut conn, leads::owner_id.eq(7), at_noon("eve", "look"))).unwrap();
        assert!(plan.is_possible() && plan.rows() == 2 && plan.models[0].model == "leads", "{plan:?}");
        act!(batch(&mut conn, "INSERT INTO leads (id, full_name, email, owner_id) VALUES (4, 'Ada II', 'ada@example.com', 9)"));
        let plan = act!(Lead::restore_plan_by_id(&mut conn, 1, at_noon("eve", "look"))).unwrap();
        let [conflict] = plan.conflicts.as_slice() else { panic!("{plan:?}") };
        assert_eq!((conflict.id.as_str(), conflict.taken_by.as_str(), conflict.columns.as_slice()), ("1", "4", ["email".to_owned()].as_slice()));
        assert!(!plan.is_possible());
        assert_eq!(act!(Lead::only_deleted().count().get_result::<i64>(&mut conn)).unwrap(), 3);
        let audit: i64 = act!(soft_delete_audit::table.filter(soft_delete_audit::action.eq("restore")).count().get_result(&mut conn)).unwrap();
        assert_eq!(audit, 0);
        act!(Lead::soft_delete_by_id(&mut conn, 4, at_noon("bob", "resolved"))).unwrap();
        let both = act!(Lead::restore_plan_where(&mut conn, leads::email.eq("ada@example.com"), at_noon("eve", "look"))).unwrap();
        assert_eq!((both.rows(), both.conflicts.len()), (2, 1), "two that come back are in each other's way");
    }
}
