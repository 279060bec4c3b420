use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        name -> Text,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead<'a> {
    id: i64,
    name: &'a str,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
