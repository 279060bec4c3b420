use diesel_async::{
    AsyncConnection, RunQueryDsl, SimpleAsyncConnection, sync_connection_wrapper::SyncConnectionWrapper,
};
use soft_delete::async_prelude::*;

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
    deleted_at: Option<NaiveDateTime>,
}

pub fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut conn = SyncConnectionWrapper::<diesel::SqliteConnection>::establish(":memory:").await.unwrap();
        conn.batch_execute("CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP); INSERT INTO leads (id) VALUES (1)")
            .await
            .unwrap();
        let active: i64 = diesel::QueryDsl::count(Lead::active()).get_result(&mut conn).await.unwrap();
        assert_eq!(active, 1);
        // The audit table was never made.
        let refused = Lead::soft_delete_by_id(&mut conn, 1, Actor::new("admin")).await;
        assert!(refused.is_err());
    });
}
