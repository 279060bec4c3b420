use diesel::prelude::*;
use soft_delete::{AuditHook, prelude::*};

diesel::table! {
    crm.leads (tenant, number) {
        tenant -> Text,
        number -> Integer,
        #[sql_name = "full name"]
        full_name -> Text,
        deleted_at -> Nullable<TimestamptzSqlite>,
        remover -> Nullable<Text>,
        deletion_reason -> Nullable<Text>,
        deletion_id -> Nullable<Text>,
        purge_after -> Nullable<Timestamp>,
        is_deleted -> Bool,
    }
}

#[derive(Default)]
struct Watch;

impl AuditHook for Watch {}

const KEEP: Retention = Retention::Forever;

#[derive(Queryable, Selectable, Identifiable, SoftDelete)]
#[diesel(table_name = leads, primary_key(tenant, number))]
#[soft_delete(
    retention = KEEP,
    label = full_name,
    reason = required,
    audit = false,
    hooks = (Watch, (Watch,)),
    has_query,
    crate = ::soft_delete,
)]
#[allow(dead_code)]
struct Lead {
    tenant: String,
    number: i32,
    full_name: String,
    deleted_at: Option<DateTime<Utc>>,
    #[soft_delete(deleted_by)]
    remover: Option<String>,
    deletion_reason: Option<String>,
    deletion_id: Option<DeletionId>,
    purge_after: Option<NaiveDateTime>,
    is_deleted: bool,
}

pub fn main() {
    let sql = diesel::debug_query::<diesel::sqlite::Sqlite, _>(&Lead::query().find(("acme", 7))).to_string();
    assert!(sql.contains("FROM `crm`.`leads` WHERE"), "{sql}");
    assert!(sql.contains("`crm`.`leads`.`deleted_at` IS NULL"), "{sql}");
    assert_eq!(Lead::retention(), KEEP);
}
