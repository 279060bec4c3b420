use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        purge_after -> Timestamp,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    purge_after: Option<NaiveDateTime>,
}

fn main() {}
