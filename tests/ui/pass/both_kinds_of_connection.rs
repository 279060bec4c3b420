use soft_delete::{AsyncSoftDeleteDsl, SoftDeleteDsl, prelude::*};

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

fn now(lead: &mut Lead, conn: &mut diesel::SqliteConnection) -> soft_delete::Result<Outcome> {
    SoftDeleteDsl::soft_delete(lead, conn, Actor::new("admin"))
}

type Wrapper = diesel_async::sync_connection_wrapper::SyncConnectionWrapper<diesel::SqliteConnection>;

async fn later(lead: &mut Lead, conn: &mut Wrapper) -> soft_delete::Result<Outcome> {
    AsyncSoftDeleteDsl::soft_delete(lead, conn, Actor::new("admin")).await
}

pub fn main() {
    let mut conn = diesel::Connection::establish(":memory:").unwrap();
    let mut lead = Lead {
        id: 1,
        deleted_at: None,
    };
    assert!(
        now(&mut lead, &mut conn).is_err(),
        "there is no table {}",
        lead.id
    );
    let _ = later;
}
