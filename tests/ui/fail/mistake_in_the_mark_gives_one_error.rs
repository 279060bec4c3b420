use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        removed -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    removed: Option<NaiveDateTime>,
}

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let mut lead = Lead { id: 1, removed: None };
    assert!(!lead.is_deleted());
    lead.soft_delete(&mut conn, Actor::new("admin")).unwrap();
    Lead::active()
        .filter(leads::id.gt(7))
        .count()
        .get_result::<i64>(&mut conn)
        .unwrap();
}
