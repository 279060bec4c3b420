use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) { id -> BigInt, deleted_at -> Nullable<Timestamp>, deletion_id -> Nullable<Text>, }
}
diesel::table! {
    callbacks (id) { id -> BigInt, lead_id -> BigInt, caller -> Text, deleted_at -> Nullable<Timestamp>, deletion_id -> Nullable<Text>, }
}


#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(cascade(Callback()))]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<DeletionId>,
}

fn main() {}

