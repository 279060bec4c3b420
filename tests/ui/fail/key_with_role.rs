use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    #[soft_delete(deleted_by)]
    id: Option<i64>,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
