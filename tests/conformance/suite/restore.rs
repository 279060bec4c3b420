//! Restore of one row.

use super::super::*;
use crate::support::clock::at_noon;
use soft_delete::Error;

case! {
    /// Every deletion column is empty again, in the database and in memory.
    fn brings_the_row_back_without_a_trace_in_it(db) {
        let mut conn = act!(connect(&db));
        let before: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        let mut ada = before.clone();
        act!(ada.soft_delete(&mut conn, at_noon("admin", "asked to"))).unwrap();
        act!(Lead::soft_delete_by_id(&mut conn, 2, at_noon("admin", "too"))).unwrap();
        assert_eq!(act!(ada.restore(&mut conn, Actor::new("support"))).unwrap(), Outcome::Changed);
        assert_eq!(ada, before);
        let stored: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        assert_eq!(stored, before);
        let bin: Vec<i64> = act!(Lead::only_deleted().select(leads::id).load(&mut conn)).unwrap();
        assert_eq!(bin, [2], "only the one that was asked for");
    }
}

case! {
    /// A row that is not deleted is Unchanged, and no audit row is written.
    fn leaves_an_active_row_unchanged(db) {
        let mut conn = act!(connect(&db));
        assert_eq!(act!(Lead::restore_by_id(&mut conn, 1, Actor::new("me"))).unwrap(), Outcome::Unchanged);
        let audit: i64 = act!(soft_delete_audit::table.count().get_result(&mut conn)).unwrap();
        assert_eq!(audit, 0);
    }
}

case! {
    /// A row that never was is NotFound.
    fn refuses_a_missing_row(db) {
        let mut conn = act!(connect(&db));
        let error = act!(Lead::restore_by_id(&mut conn, 99, Actor::new("me"))).unwrap_err();
        assert!(error.is_not_found(), "{error:?}");
    }
}

case! {
    /// A row that was removed for good is Purged, with when and by whom from the audit trail.
    fn tells_of_a_purged_row_when_and_by_whom(db) {
        let mut conn = act!(connect(&db));
        act!(Lead::soft_delete_by_id(&mut conn, 3, Actor::new("admin"))).unwrap();
        // The last removal counts, not an earlier one and not what came after it.
        for (action, actor, at) in [
            ("purge", "older", "2026-02-01"),
            ("purge", "cleanup", "2026-03-01"),
            ("release", "other", "2026-04-01"),
        ] {
            act!(batch(&mut conn, &format!(
                "INSERT INTO soft_delete_audit (operation_id, action, model, record_id, actor, at, root) \
                 SELECT operation_id, '{action}', model, record_id, '{actor}', '{at} 04:00:00', root \
                 FROM soft_delete_audit WHERE action = 'soft_delete'"
            )));
        }
        act!(batch(&mut conn, "DELETE FROM leads WHERE id = 3"));
        let error = act!(Lead::restore_by_id(&mut conn, 3, Actor::new("me"))).unwrap_err();
        let Error::Purged { model, id, at, by } = &error else { panic!("{error:?}") };
        assert_eq!((model.as_str(), id.as_str(), by.as_str()), ("leads", "3", "cleanup"));
        assert_eq!(at.to_rfc3339(), "2026-03-01T04:00:00+00:00");
    }
}

case! {
    /// A unique key that an active row has taken is a Conflict that names the constraint; nothing is changed.
    fn refuses_when_a_unique_key_is_taken_and_changes_nothing(db) {
        let mut conn = act!(connect(&db));
        let mut ada: Lead = act!(Lead::active().find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        act!(ada.soft_delete(&mut conn, at_noon("admin", "gone"))).unwrap();
        let deleted = ada.clone();
        act!(batch(&mut conn, "INSERT INTO leads (id, full_name, email, owner_id) VALUES (4, 'Ada II', 'ada@example.com', 7)"));
        let error = act!(ada.restore(&mut conn, Actor::new("me"))).unwrap_err();
        let Error::Conflict { model, id, constraint, .. } = &error else { panic!("{error:?}") };
        assert_eq!((model.as_str(), id.as_deref()), ("leads", Some("1")));
        let named = if db.database() == soft_delete::Database::Sqlite { "leads.email" } else { "leads_email_active" };
        assert!(constraint.ends_with(named), "{constraint}");
        assert_eq!(ada, deleted, "memory is as before");
        let stored: Lead = act!(leads::table.find(1).select(Lead::as_select()).first(&mut conn)).unwrap();
        assert_eq!(stored, deleted, "the database is as before");
        let acts: Vec<String> = act!(soft_delete_audit::table.select(soft_delete_audit::action).load(&mut conn)).unwrap();
        assert_eq!(acts, ["soft_delete"]);
        act!(batch(&mut conn, "DELETE FROM leads WHERE id = 4"));
        assert!(act!(ada.restore(&mut conn, Actor::new("me"))).unwrap().is_changed(), "the way out works");
    }
}
