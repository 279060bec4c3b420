//! The rows as Diesel and this library see them.

use diesel::prelude::*;
use soft_delete::DeletionId;
use soft_delete::prelude::*;

use super::types::Time;

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{SqlOperation, SqlTime};

    leads (id) {
        id -> BigInt,
        full_name -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        owner_id -> BigInt,
        created_at -> SqlTime,
        deleted_at -> Nullable<SqlTime>,
        deleted_by -> Nullable<BigInt>,
        deletion_reason -> Nullable<Text>,
        deletion_id -> Nullable<SqlOperation>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::super::types::{SqlOperation, SqlTime};

    callbacks (id) {
        id -> BigInt,
        lead_id -> BigInt,
        scheduled_for -> SqlTime,
        note -> Nullable<Text>,
        deleted_at -> Nullable<SqlTime>,
        deleted_by -> Nullable<BigInt>,
        deletion_reason -> Nullable<Text>,
        deletion_id -> Nullable<SqlOperation>,
    }
}

/// A lead that nothing goes along with.
#[derive(Debug, Queryable, Selectable, SoftDelete)]
#[diesel(table_name = leads)]
#[allow(dead_code, reason = "a list fetches what it shows")]
pub struct Lead {
    pub id: i64,
    pub full_name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub owner_id: i64,
    pub created_at: Time,
    pub deleted_at: Option<Time>,
    pub deleted_by: Option<i64>,
    pub deletion_reason: Option<String>,
    pub deletion_id: Option<DeletionId>,
}

/// The same lead, in an application that also has callbacks.
#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(cascade(Callback))]
#[allow(dead_code, reason = "operations on sets read no rows")]
pub struct LeadWithCallbacks {
    pub id: i64,
    pub deleted_at: Option<Time>,
    pub deleted_by: Option<i64>,
    pub deletion_reason: Option<String>,
    pub deletion_id: Option<DeletionId>,
}

/// A callback, which goes with its lead.
#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = callbacks, belongs_to(LeadWithCallbacks, foreign_key = lead_id))]
#[allow(dead_code, reason = "operations on sets read no rows")]
pub struct Callback {
    pub id: i64,
    pub lead_id: i64,
    pub deleted_at: Option<Time>,
    pub deleted_by: Option<i64>,
    pub deletion_reason: Option<String>,
    pub deletion_id: Option<DeletionId>,
}
