use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

const DAYS: i64 = 30;

#[derive(SoftDelete)]
#[soft_delete(retention = DAYS)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
