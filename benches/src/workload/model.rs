//! The leads as Diesel and this library see them.

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
