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
    let mut lead = Lead {
        id: 1,
        deleted_at: None,
    };
    lead.soft_delete(&mut conn, Actor::new("admin")).unwrap();
}
