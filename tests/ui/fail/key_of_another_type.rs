use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    Lead::soft_delete_by_id(&mut conn, "1", Actor::new("admin")).unwrap();
}
