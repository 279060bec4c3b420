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
    number: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
