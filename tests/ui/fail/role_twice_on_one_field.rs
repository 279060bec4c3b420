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
    #[soft_delete(deleted_at)]
    #[soft_delete(deleted_at)]
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
