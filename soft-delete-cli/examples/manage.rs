//! What `manage.py` is elsewhere: `DATABASE_URL=crm.sqlite cargo run -p soft-delete-cli --example manage -- stats`

#![allow(missing_docs, reason = "a program is nobody's library")]

use std::process::ExitCode;

use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        full_name -> Text,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<Text>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Queryable, Selectable, Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(label = full_name)]
#[allow(dead_code, reason = "the command line knows columns, not fields")]
struct Lead {
    id: i64,
    full_name: String,
    deleted_at: Option<NaiveDateTime>,
    deleted_by: Option<String>,
    deletion_id: Option<DeletionId>,
}

fn main() -> ExitCode {
    soft_delete_cli::run(Registry::new().with::<Lead>(), SqliteConnection::establish)
}
