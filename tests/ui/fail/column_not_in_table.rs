use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deleted_by: Option<String>,
}

fn main() {}
