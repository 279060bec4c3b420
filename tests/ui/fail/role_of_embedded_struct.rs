use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<Text>,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = leads)]
struct Remover {
    deleted_by: Option<String>,
}

#[derive(Queryable, Selectable, SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    #[diesel(embed)]
    #[soft_delete(deleted_by)]
    remover: Remover,
}

fn main() {}
