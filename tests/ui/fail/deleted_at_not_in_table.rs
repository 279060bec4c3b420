use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
