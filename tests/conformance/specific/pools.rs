//! Connections from a pool are connections.

use diesel::prelude::*;
use soft_delete::Database;

use crate::support::database::TestDatabase;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(Identifiable, soft_delete::SoftDelete)]
#[diesel(table_name = leads)]
struct Lead {
    id: i64,
    deleted_at: Option<chrono::NaiveDateTime>,
}

fn database() -> TestDatabase {
    let db = TestDatabase::new(Database::Postgres);
    db.migrate();
    db.sql(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP); INSERT INTO leads (id) VALUES (1)",
    );
    db
}

#[test]
fn r2d2() {
    use diesel::r2d2::{ConnectionManager, Pool};
    use soft_delete::prelude::*;
    let db = database();
    let pool = Pool::builder()
        .max_size(2)
        .build(ConnectionManager::<PgConnection>::new(db.url()))
        .unwrap();
    let mut conn = pool.get().unwrap();
    let mut lead = Lead {
        id: 1,
        deleted_at: None,
    };
    assert_eq!(
        lead.soft_delete(&mut conn, Actor::new("me")).unwrap(),
        Outcome::Changed
    );
    assert_eq!(
        Lead::only_deleted()
            .select(leads::id)
            .load::<i64>(&mut conn)
            .unwrap(),
        [1]
    );
    assert_eq!(lead.history(&mut conn).unwrap().len(), 1);
}

mod awaited {
    use diesel::prelude::*;
    use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::AsyncDieselConnectionManager};
    use soft_delete::{Outcome, async_prelude::*};

    use super::{Lead, database, leads};

    #[tokio::test]
    async fn deadpool() {
        let db = database();
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(db.url());
        let pool = diesel_async::pooled_connection::deadpool::Pool::builder(manager)
            .build()
            .unwrap();
        let mut conn = pool.get().await.unwrap();
        let mut lead = Lead {
            id: 1,
            deleted_at: None,
        };
        assert_eq!(
            lead.soft_delete(&mut conn, Actor::new("me")).await.unwrap(),
            Outcome::Changed
        );
        assert_eq!(
            Lead::only_deleted()
                .select(leads::id)
                .load::<i64>(&mut conn)
                .await
                .unwrap(),
            [1]
        );
        assert_eq!(lead.history(&mut conn).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn bb8() {
        let db = database();
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(db.url());
        let pool = diesel_async::pooled_connection::bb8::Pool::builder()
            .build(manager)
            .await
            .unwrap();
        let mut conn = pool.get().await.unwrap();
        assert_eq!(
            Lead::soft_delete_by_id(&mut conn, 1, Actor::new("me"))
                .await
                .unwrap(),
            Outcome::Changed
        );
        assert_eq!(
            Lead::only_deleted()
                .select(leads::id)
                .load::<i64>(&mut conn)
                .await
                .unwrap(),
            [1]
        );
    }

    /// An operation is a future that can be spawned.
    #[tokio::test]
    async fn spawned() {
        let db = database();
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(db.url());
        let pool = diesel_async::pooled_connection::deadpool::Pool::builder(manager)
            .build()
            .unwrap();
        let task = tokio::spawn(async move {
            let mut conn = pool.get().await.unwrap();
            let mut lead = Lead {
                id: 1,
                deleted_at: None,
            };
            lead.soft_delete(&mut conn, Actor::new("me")).await.unwrap();
            Lead::restore_by_id(&mut conn, 1, Actor::new("me")).await.unwrap()
        });
        assert_eq!(task.await.unwrap(), Outcome::Changed);
    }
}
