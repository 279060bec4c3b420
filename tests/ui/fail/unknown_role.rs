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
    #[soft_delete(deletd_at)]
    removed: Option<NaiveDateTime>,
}

fn main() {}
