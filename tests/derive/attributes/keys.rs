//! The keys of a struct but `retention`.

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::{connection::SimpleConnection as _, prelude::*};
use soft_delete::{AuditEvent, AuditHook, Error, HookError, Model as _, prelude::*};

use super::{admin, connection, leads};

#[test]
fn without_keys_a_model_is_audited_and_asks_for_nothing() {
    #[derive(Queryable, Selectable, SoftDelete)]
    struct Lead {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }
    let mut conn = connection();
    let model = Lead::descriptor();
    assert_eq!(
        (model.name(), model.label_column(), model.is_audited()),
        ("leads", None, true)
    );

    let mut lead: Lead = Lead::active().select(Lead::as_select()).first(&mut conn).unwrap();
    assert!(
        lead.soft_delete(&mut conn, Actor::new("admin"))
            .unwrap()
            .is_changed()
    );
    assert_eq!(lead.history(&mut conn).unwrap().len(), 1, "{}", lead.id);
}

#[test]
fn label_names_the_column_of_a_field() {
    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[soft_delete(label = name)]
    #[allow(dead_code, reason = "only the names matter")]
    struct Lead {
        id: i64,
        #[diesel(column_name = full_name)]
        name: String,
        deleted_at: Option<DateTime<Utc>>,
    }
    assert_eq!(Lead::descriptor().label_column(), Some("full_name"));
}

#[test]
fn a_required_reason_is_required_to_delete() {
    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[soft_delete(reason = required)]
    #[allow(dead_code, reason = "only the names matter")]
    struct Lead {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }
    let mut conn = connection();
    let refused = Lead::soft_delete_by_id(&mut conn, 1, Actor::new("admin"));
    assert!(matches!(refused, Err(Error::ReasonRequired { model }) if model == "leads"));
    assert!(
        Lead::soft_delete_by_id(&mut conn, 1, admin())
            .unwrap()
            .is_changed()
    );
    let trail = Lead::history_by_id(&mut conn, 1).unwrap();
    assert_eq!(trail[0].reason.as_deref(), Some("asked to"));
}

#[test]
fn a_required_reason_without_audit_is_kept_in_the_row() {
    #[derive(Queryable, Selectable, SoftDelete)]
    #[soft_delete(audit = false, reason = required)]
    struct Lead {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
        deletion_reason: Option<String>,
    }
    let mut conn = connection();
    assert!(!Lead::descriptor().is_audited());
    assert!(Lead::soft_delete_by_id(&mut conn, 1, Actor::new("admin")).is_err());
    assert!(
        Lead::soft_delete_by_id(&mut conn, 1, admin())
            .unwrap()
            .is_changed()
    );
    let lead: Lead = Lead::only_deleted()
        .select(Lead::as_select())
        .first(&mut conn)
        .unwrap();
    assert_eq!((lead.id, lead.deletion_reason.as_deref()), (1, Some("asked to")));
    assert!(Lead::history_by_id(&mut conn, 1).unwrap().is_empty());
}

#[test]
fn a_trigger_that_was_looked_at_is_named() {
    #[derive(SoftDelete)]
    #[allow(dead_code, reason = "only the names matter")]
    struct Lead {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }
    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[soft_delete(harmless_trigger("other", "leads counter"))]
    #[allow(dead_code, reason = "only the names matter")]
    struct Trusting {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }
    let mut conn = connection();
    conn.batch_execute(
        "CREATE TRIGGER \"leads counter\" AFTER DELETE ON leads BEGIN UPDATE leads SET full_name = 'last' WHERE id > OLD.id; END",
    )
    .unwrap();
    Lead::soft_delete_by_id(&mut conn, 1, admin()).unwrap();
    let refused = Lead::force_delete_by_id(&mut conn, 1, admin()).unwrap_err();
    assert!(matches!(&refused, Error::DangerousTable { .. }), "{refused}");
    assert!(
        refused.to_string().contains("declare it with `harmless_trigger`"),
        "{refused}"
    );
    Trusting::force_delete_by_id(&mut conn, 1, admin()).unwrap();
    assert_eq!(leads::table.count().first::<i64>(&mut conn), Ok(0));

    // Two types of one table say the same of its triggers, or nobody knows what counts.
    let both = Registry::new()
        .with::<Lead>()
        .with::<Trusting>()
        .check()
        .unwrap_err();
    assert!(
        both.to_string()
            .contains("the harmless triggers (none and leads counter; other)"),
        "{both}"
    );
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[derive(Default)]
struct Count;

impl AuditHook for Count {
    fn before(&self, _: &AuditEvent<'_>) -> Result<(), HookError> {
        CALLS.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[derive(Default)]
struct Refuse;

impl AuditHook for Refuse {
    fn before(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
        Err(format!("{} may not", event.actor).into())
    }
}

#[test]
fn a_hook_or_a_tuple_of_hooks_is_called() {
    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[soft_delete(hooks = Count)]
    #[allow(dead_code, reason = "only the names matter")]
    struct Counted {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }

    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[soft_delete(hooks = (Count, Refuse))]
    #[allow(dead_code, reason = "only the names matter")]
    struct Refused {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }
    let mut conn = connection();
    let refused = Refused::soft_delete_by_id(&mut conn, 1, admin());
    assert!(
        matches!(refused, Err(Error::Vetoed { source, .. }) if source.to_string().contains("admin may not"))
    );
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);
    assert!(
        Counted::soft_delete_by_id(&mut conn, 1, admin())
            .unwrap()
            .is_changed()
    );
    assert_eq!(CALLS.load(Ordering::SeqCst), 2);
}

#[test]
fn has_query_sees_no_deleted_row() {
    #[derive(Queryable, Selectable, SoftDelete)]
    #[soft_delete(has_query)]
    struct Lead {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }
    let query = Lead::query();
    assert_eq!(
        diesel::debug_query::<diesel::sqlite::Sqlite, _>(&query).to_string(),
        "SELECT `leads`.`id`, `leads`.`deleted_at` FROM `leads` WHERE (`leads`.`deleted_at` IS NULL) -- binds: []"
    );
    let mut conn = connection();
    let lead: Lead = Lead::query().filter(leads::id.eq(1)).first(&mut conn).unwrap();
    assert_eq!((lead.id, lead.deleted_at), (1, None));
    assert!(
        Lead::soft_delete_by_id(&mut conn, 1, admin())
            .unwrap()
            .is_changed()
    );
    assert!(Lead::query().load(&mut conn).unwrap().is_empty());
}

#[test]
fn several_attributes_are_one() {
    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    #[soft_delete(label = full_name)]
    #[soft_delete()]
    #[soft_delete(retention = "1 day", audit = false)]
    #[allow(dead_code, reason = "only the names matter")]
    struct Lead {
        id: i64,
        full_name: String,
        deleted_at: Option<DateTime<Utc>>,
    }
    let model = Lead::descriptor();
    assert_eq!(
        (model.label_column(), model.is_audited()),
        (Some("full_name"), false)
    );
    assert_eq!(model.retention_policy().to_string(), "1 day");
}

#[test]
fn a_parent_that_is_no_model_is_no_parent() {
    /// Diesel's own relation to a table that knows nothing of deletions.
    #[derive(Identifiable)]
    #[diesel(table_name = leads)]
    #[allow(dead_code, reason = "only the relation matters")]
    struct Owner {
        id: i64,
    }
    #[derive(Identifiable, Associations, SoftDelete)]
    #[diesel(table_name = leads, belongs_to(Owner, foreign_key = remover))]
    #[allow(dead_code, reason = "only the relation matters")]
    struct Lead {
        id: i64,
        remover: Option<i64>,
        deleted_at: Option<DateTime<Utc>>,
        deletion_id: Option<DeletionId>,
    }
    let mut conn = connection();
    assert!(Lead::descriptor().relations().is_empty());
    for _ in 0..2 {
        Lead::soft_delete_by_id(&mut conn, 1, admin()).unwrap();
        assert!(Lead::restore_by_id(&mut conn, 1, admin()).unwrap().is_changed());
    }
}
