use diesel::prelude::*;
use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        full_name -> Text,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(Queryable, Selectable, Identifiable, SoftDelete)]
#[soft_delete(label = fullname)]
struct Lead {
    id: i64,
    full_name: String,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let mut lead: Lead = Lead::active()
        .find(1)
        .filter(leads::full_name.eq("Ada"))
        .select(Lead::as_select())
        .first(&mut conn)
        .unwrap();
    assert!(!lead.is_deleted());
    lead.soft_delete(&mut conn, Actor::new("admin")).unwrap();
    Lead::restore_by_id(&mut conn, 1_i64, Actor::new("admin")).unwrap();
    Lead::expired(DateTime::UNIX_EPOCH)
        .count()
        .get_result::<i64>(&mut conn)
        .unwrap();
    assert_eq!(Lead::retention(), Retention::DEFAULT);
}
