use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) { id -> BigInt, deleted_at -> Nullable<Timestamp>, deletion_id -> Nullable<Text>, }
}
diesel::table! {
    callbacks (id) { id -> BigInt, lead_id -> BigInt, deleted_at -> Nullable<Timestamp>, deletion_id -> Nullable<Text>, }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(restrict(Callback, apart))]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<DeletionId>,
}

#[derive(Identifiable, Associations, SoftDelete)]
#[diesel(table_name = callbacks, belongs_to(Lead))]
struct Callback {
    id: i64,
    lead_id: i64,
    deleted_at: Option<NaiveDateTime>,
    deletion_id: Option<DeletionId>,
}

fn main() {}
