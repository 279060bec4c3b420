//! The command line in an application's own program, as `soft-delete-cli` is embedded, on the table of `by_hand`.

use std::process::ExitCode;

use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        full_name -> Text,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<Text>,
        deletion_reason -> Nullable<Text>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(label = full_name)]
#[allow(dead_code, reason = "the command line knows columns, not fields")]
struct Lead {
    id: i64,
    full_name: String,
    deleted_at: Option<NaiveDateTime>,
    deleted_by: Option<String>,
    deletion_reason: Option<String>,
}

fn main() -> ExitCode {
    let registry = Registry::new().with::<Lead>();
    #[cfg(feature = "postgres")]
    if std::env::var("DATABASE_URL").is_ok_and(|url| url.starts_with("postgres")) {
        return soft_delete_cli::run(registry, PgConnection::establish);
    }
    soft_delete_cli::run(registry, SqliteConnection::establish)
}
