use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    Lead::active().execute(&mut conn).unwrap();
}
