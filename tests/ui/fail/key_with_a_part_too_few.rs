use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (tenant, number) {
        tenant -> BigInt,
        number -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
#[diesel(primary_key(tenant, number))]
struct Lead {
    tenant: i64,
    number: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    Lead::soft_delete_by_id(&mut conn, 1_i64, Actor::new("admin")).unwrap();
}
