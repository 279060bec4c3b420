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
#[soft_delete(owns(Callback))]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<DeletionId>,
}

#[derive(Identifiable, Queryable)]
#[diesel(table_name = callbacks)]
struct Callback {
    id: i64,
    lead_id: i64,
}

fn main() {}

