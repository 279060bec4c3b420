use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        full_name -> Text,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
#[soft_delete(label = fullname)]
struct Lead {
    id: i64,
    full_name: String,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
