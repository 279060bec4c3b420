use diesel::{Connection, QueryDsl, RunQueryDsl, SqliteConnection, connection::SimpleConnection};
use soft_delete::{Scopes, SoftDelete, SoftDeleteDsl};

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
#[allow(dead_code)]
struct Lead {
    id: i64,
    deleted_at: Option<chrono::NaiveDateTime>,
}

pub fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    soft_delete::migrations::run(&mut conn).unwrap();
    conn.batch_execute(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP); INSERT INTO leads (id) VALUES (1)",
    )
    .unwrap();
    let outcome = Lead::soft_delete_by_id(&mut conn, 1, soft_delete::Actor::new("admin"));
    assert!(outcome.unwrap().is_changed());
    assert_eq!(Lead::active().count().get_result(&mut conn), Ok(0_i64));
}
