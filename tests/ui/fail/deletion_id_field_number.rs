use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<i32>,
}

fn main() {}
