use soft_delete::prelude::*;

diesel::table! {
    leads (number) {
        number -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    number: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
