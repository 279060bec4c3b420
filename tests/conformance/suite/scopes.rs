//! The scopes are plain queries and compose like any other.

use super::super::*;
use crate::support::clock::noon;
use soft_delete::{Context, FixedClock};

fn long_ago() -> Context {
    Actor::new(1).because("test").clock(FixedClock::at(noon()))
}

case! {
    /// Active, deleted, all.
    fn active_deleted_all(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 2, long_ago())).unwrap();
        assert_eq!(act!(Lead::active().order(leads::id).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1, 3]);
        assert_eq!(act!(Lead::only_deleted().select(leads::id).load::<i64>(&mut conn)).unwrap(), [2]);
        assert_eq!(act!(Lead::with_deleted().order(leads::id).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1, 2, 3]);
        assert_eq!(act!(Lead::active().count().get_result::<i64>(&mut conn)).unwrap(), 2);
    }
}

case! {
    /// find, filter, order, limit, offset, distinct, group_by, boxed.
    fn compose_with_everything_that_reads(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 2, long_ago())).unwrap();
        assert_eq!(act!(Lead::active().find(2).select(leads::id).first::<i64>(&mut conn)).optional().unwrap(), None);
        assert_eq!(act!(Lead::active().filter(leads::owner_id.eq(7)).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1]);
        // An OR of the caller's cannot escape the scope.
        let either = leads::id.eq(1).or(leads::id.eq(2));
        assert_eq!(act!(Lead::active().filter(either).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1]);
        assert_eq!(act!(Lead::active().order(leads::id.desc()).limit(1).offset(1).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1]);
        let grouped: Vec<(i64, i64)> = act!(Lead::active()
            .group_by(leads::owner_id)
            .select((leads::owner_id, diesel::dsl::count_star()))
            .order(leads::owner_id)
            .load(&mut conn)).unwrap();
        assert_eq!(grouped, [(7, 1), (8, 1)]);
        let boxed = Lead::active().into_boxed().filter(leads::owner_id.ge(7));
        assert_eq!(act!(boxed.order(leads::id).select(leads::id).load::<i64>(&mut conn)).unwrap(), [1, 3]);
    }
}

case! {
    /// As the target of an update, and as a subselect.
    fn compose_with_updates_and_subselects(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 2, long_ago())).unwrap();
        let changed = act!(diesel::update(Lead::active().filter(leads::owner_id.eq(7))).set(leads::owner_id.eq(9)).execute(&mut conn)).unwrap();
        assert_eq!(changed, 1, "the deleted lead of that owner keeps its owner");
        let of_active = callbacks::table.filter(callbacks::lead_id.eq_any(Lead::active().select(leads::id))).select(callbacks::id);
        assert_eq!(act!(of_active.order(callbacks::id).load::<i64>(&mut conn)).unwrap(), [10, 11]);
        act!(Lead::soft_delete_by_id(&mut conn, 1, long_ago())).unwrap();
        assert!(act!(of_active.order(callbacks::id).load::<i64>(&mut conn)).unwrap().is_empty());
    }
}

case! {
    /// `belonging_to`, with the scope as a condition.
    fn compose_with_belonging_to(db) {
        let mut conn = act!(connect(&db));
        act!(Callback::soft_delete_by_id(&mut conn, 10, long_ago())).unwrap();
        let ada: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        let active = Callback::belonging_to(&ada).filter(Callback::not_deleted()).select(callbacks::id);
        assert_eq!(act!(active.load::<i64>(&mut conn)).unwrap(), [11]);
        let deleted = Callback::belonging_to(&ada).filter(Callback::was_deleted()).select(callbacks::id);
        assert_eq!(act!(deleted.load::<i64>(&mut conn)).unwrap(), [10]);
    }
}

case! {
    /// The scope of a joined model stands in ON: a lead whose callbacks are all deleted still appears.
    fn left_join_keeps_the_lead_whose_callbacks_are_deleted(db) {
        let mut conn = act!(connect(&db));
        act!(Callback::soft_delete_by_id(&mut conn, 10, long_ago())).unwrap();
        let joined = || Lead::active().left_join_active::<Callback>().order((leads::id, callbacks::id)).select((leads::id, callbacks::id.nullable()));
        assert_eq!(act!(joined().load::<(i64, Option<i64>)>(&mut conn)).unwrap(), [(1, Some(11)), (2, None), (3, None)]);
        act!(Callback::soft_delete_by_id(&mut conn, 11, long_ago())).unwrap();
        assert_eq!(act!(joined().load::<(i64, Option<i64>)>(&mut conn)).unwrap(), [(1, None), (2, None), (3, None)]);
    }
}

case! {
    /// An inner join sees active partners only; from either side, on tables and on queries.
    fn inner_join_sees_active_partners(db) {
        let mut conn = act!(connect(&db));
        act!(Callback::soft_delete_by_id(&mut conn, 10, long_ago())).unwrap();
        let joined = Lead::active().inner_join_active::<Callback>().select((leads::id, callbacks::id));
        assert_eq!(act!(joined.load::<(i64, i64)>(&mut conn)).unwrap(), [(1, 11)]);
        let from_table = leads::table.inner_join_active::<Callback>().filter(leads::owner_id.eq(7)).select(callbacks::id);
        assert_eq!(act!(from_table.load::<i64>(&mut conn)).unwrap(), [11]);
        act!(Lead::soft_delete_by_id(&mut conn, 1, long_ago())).unwrap();
        let to_parent = Callback::active().inner_join_active::<Lead>().select(callbacks::id);
        assert!(act!(to_parent.load::<i64>(&mut conn)).unwrap().is_empty());
        // A parent that is deleted still loads unless it was asked to be filtered.
        let unfiltered = Callback::active().inner_join(leads::table).select((callbacks::id, leads::full_name));
        assert_eq!(act!(unfiltered.load::<(i64, String)>(&mut conn)).unwrap(), [(11, "Ada".into())]);
    }
}
