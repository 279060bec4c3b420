use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
union Lead {
    id: i64,
    deleted_at: i64,
}

fn main() {}
