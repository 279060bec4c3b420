use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
enum Lead {
    Active { id: i64 },
    Deleted { id: i64, deleted_at: DateTime<Utc> },
}

fn main() {}
