use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        delete_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    delete_at: Option<NaiveDateTime>,
}

fn main() {}
