use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        first -> Text,
        last -> Text,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = leads)]
struct Name {
    first: String,
    last: String,
}

#[derive(Queryable, Selectable, SoftDelete)]
#[soft_delete(label = name)]
struct Lead {
    id: i64,
    #[diesel(embed)]
    name: Name,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
