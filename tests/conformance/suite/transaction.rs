//! Operations inside the caller's transaction.

use super::super::*;
use crate::support::clock::at_noon;

case! {
    /// A change and its audit row go when the caller rolls back, and stay when the caller commits.
    fn the_callers_rollback_takes_change_and_audit(db) {
        let mut conn = act!(connect(&db));
        act!(begin(&mut conn));
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("me", "r"))).unwrap();
        act!(rollback(&mut conn));
        let left: (i64, i64) = (
            act!(Lead::only_deleted().count().get_result(&mut conn)).unwrap(),
            act!(soft_delete_audit::table.count().get_result(&mut conn)).unwrap(),
        );
        assert_eq!(left, (0, 0));
        act!(begin(&mut conn));
        act!(Lead::soft_delete_by_id(&mut conn, 1, at_noon("me", "r"))).unwrap();
        act!(commit(&mut conn));
        let left: (i64, i64) = (
            act!(Lead::only_deleted().count().get_result(&mut conn)).unwrap(),
            act!(soft_delete_audit::table.count().get_result(&mut conn)).unwrap(),
        );
        assert_eq!(left, (1, 1));
    }
}

case! {
    /// An operation that fails inside the caller's transaction leaves the caller's own work intact.
    fn a_failed_operation_leaves_the_callers_work(db) {
        let mut conn = act!(connect(&db));
        act!(begin(&mut conn));
        act!(batch(&mut conn, "UPDATE leads SET full_name = 'Ada L.' WHERE id = 1"));
        act!(Lead::soft_delete_by_id(&mut conn, 99, Actor::new("me"))).unwrap_err();
        act!(Lead::restore_by_id(&mut conn, 99, Actor::new("me"))).unwrap_err();
        act!(WatchedLead::soft_delete_by_id(&mut conn, LeadId(2), Actor::new("me").because("veto"))).unwrap_err();
        act!(Lead::soft_delete_by_id(&mut conn, 3, Actor::new("me"))).unwrap();
        act!(commit(&mut conn));
        let name: String = act!(leads::table.find(1).select(leads::full_name).first(&mut conn)).unwrap();
        let bin: Vec<i64> = act!(Lead::only_deleted().select(leads::id).load(&mut conn)).unwrap();
        assert_eq!((name.as_str(), bin.as_slice()), ("Ada L.", [3].as_slice()));
    }
}

case! {
    /// The same when the library's tables are missing: the error is clear and the caller goes on.
    fn missing_tables_leave_the_callers_work(db) {
        let mut conn = act!(connect(&db));
        act!(batch(&mut conn, "DROP TABLE soft_delete_audit"));
        act!(begin(&mut conn));
        act!(batch(&mut conn, "UPDATE leads SET full_name = 'Ada L.' WHERE id = 1"));
        assert!(act!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))).unwrap_err().is_schema_missing());
        assert!(act!(Lead::history_by_id(&mut conn, 1)).unwrap_err().is_schema_missing());
        act!(commit(&mut conn));
        let kept: (String, i64) = (
            act!(leads::table.find(1).select(leads::full_name).first(&mut conn)).unwrap(),
            act!(Lead::active().count().get_result(&mut conn)).unwrap(),
        );
        assert_eq!(kept, ("Ada L.".into(), 3), "nothing was deleted, nothing of the caller's was lost");
    }
}
