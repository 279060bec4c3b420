use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(HasQuery, SoftDelete)]
#[soft_delete(has_query)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
