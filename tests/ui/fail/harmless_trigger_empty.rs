use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        email -> Text,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(harmless_trigger(""))]
struct Lead {
    id: i64,
    email: String,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
