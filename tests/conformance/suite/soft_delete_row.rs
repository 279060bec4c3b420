//! Soft delete of one row.

use super::super::*;
use crate::support::clock::{at_noon, noon};
use soft_delete::Error;

case! {
    /// The row carries who, when, why and in which operation; so does the row in memory.
    fn marks_the_row_with_who_when_why_and_which_operation(db) {
        let mut conn = act!(connect(&db));
        let mut ada: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        let outcome = act!(ada.soft_delete(&mut conn, at_noon("admin", "asked to"))).unwrap();
        assert_eq!(outcome, Outcome::Changed);
        assert_eq!(SoftDelete::deleted_at(&ada), Some(noon()));
        assert_eq!(ada.deleted_by.as_deref(), Some("admin"));
        assert_eq!(ada.deletion_reason.as_deref(), Some("asked to"));
        assert!(ada.deletion_id.is_some());
        let stored: Lead = act!(Lead::only_deleted().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        assert_eq!(stored, ada, "memory and database agree");
        let active: Vec<i64> = act!(Lead::active().order(leads::id).select(leads::id).load(&mut conn)).unwrap();
        assert_eq!(active, [2, 3], "nobody else was touched");
    }
}

case! {
    /// A second call changes nothing, keeps the first stamp, writes no audit row and answers Unchanged.
    fn is_idempotent_and_keeps_the_first_stamp(db) {
        let mut conn = act!(connect(&db));
        let mut ada: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        let mut stale = ada.clone();
        act!(ada.soft_delete(&mut conn, at_noon("first", "the first"))).unwrap();
        let again = act!(ada.soft_delete(&mut conn, Actor::new("second"))).unwrap();
        assert_eq!(again, Outcome::Unchanged);
        assert_eq!(ada.deleted_by.as_deref(), Some("first"));
        let outcome = act!(stale.soft_delete(&mut conn, Actor::new("third"))).unwrap();
        assert_eq!(outcome, Outcome::Unchanged);
        assert_eq!(stale, ada, "a stale row learns the stamp that stands");
        let by_id = act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("fourth"))).unwrap();
        assert_eq!(by_id, Outcome::Unchanged);
        let actors: Vec<String> = act!(soft_delete_audit::table.select(soft_delete_audit::actor).load(&mut conn)).unwrap();
        assert_eq!(actors, ["first"]);
    }
}

case! {
    /// A missing row is NotFound, with the table and the key in the message.
    fn refuses_a_missing_row(db) {
        let mut conn = act!(connect(&db));
        let error = act!(Lead::soft_delete_by_id(&mut conn, 99, Actor::new("me"))).unwrap_err();
        assert!(matches!(&error, Error::NotFound { model, id } if model == "leads" && id == "99"), "{error:?}");
        assert_eq!(error.to_string(), "there is no row 99 in leads");
        let audit: i64 = act!(soft_delete_audit::table.count().get_result(&mut conn)).unwrap();
        assert_eq!(audit, 0);
    }
}

case! {
    /// A row that vanished after it was loaded is NotFound, and the row in memory stays as it was.
    fn leaves_memory_alone_when_it_fails(db) {
        let mut conn = act!(connect(&db));
        let mut grace: Lead = act!(Lead::active().find(2).select(Lead::as_select()).first(&mut conn)).unwrap();
        let before = grace.clone();
        act!(batch(&mut conn, "DELETE FROM leads WHERE id = 2"));
        let error = act!(grace.soft_delete(&mut conn, Actor::new("me"))).unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(grace, before);
    }
}

case! {
    /// Without a reason the column is NULL, and the actor alone is context enough.
    fn takes_an_actor_without_a_reason(db) {
        let mut conn = act!(connect(&db));
        assert!(act!(Lead::soft_delete_by_id(&mut conn, 3, Actor::new("me"))).unwrap().is_changed());
        let reason: Option<String> =
            act!(leads::table.find(3).select(leads::deletion_reason).first(&mut conn)).unwrap();
        assert_eq!(reason, None);
    }
}

case! {
    /// A number stands in an integer column as a number.
    fn stores_a_numeric_actor_as_a_number(db) {
        let mut conn = act!(connect(&db));
        let mut callback: Callback =
            act!(Callback::active().find(10).select(Callback::as_select()).first(&mut conn)).unwrap();
        assert!(act!(callback.soft_delete(&mut conn, Actor::new(42))).unwrap().is_changed());
        assert_eq!(callback.deleted_by, Some(42));
        let stored: Vec<i64> =
            act!(callbacks::table.filter(callbacks::deleted_by.eq(42)).select(callbacks::id).load(&mut conn)).unwrap();
        assert_eq!(stored, [10]);
    }
}
