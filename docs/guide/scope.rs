// Included by the examples of scope.md: the application after the move, and a database with two leads. Of the callbacks
// of lead 1, number 10 is deleted and 11 is not; lead 2 is deleted.
use diesel::prelude::*;
#[allow(unused_imports)]
use soft_delete::prelude::*;

mod db {
    mod tables {
        diesel::table! {
            leads (id) {
                id -> BigInt,
                name -> Text,
                owner_id -> Nullable<BigInt>,
                deleted_at -> Nullable<Timestamp>,
                deletion_id -> Nullable<Text>,
            }
        }
        diesel::table! {
            callbacks (id) {
                id -> BigInt,
                lead_id -> BigInt,
                deleted_at -> Nullable<Timestamp>,
                deletion_id -> Nullable<Text>,
            }
        }
        diesel::table! {
            owners (id) {
                id -> BigInt,
                name -> Text,
            }
        }
        diesel::joinable!(callbacks -> leads (lead_id));
        diesel::joinable!(leads -> owners (owner_id));
        diesel::allow_tables_to_appear_in_same_query!(leads, callbacks, owners);
    }

    pub mod models {
        use super::tables::{callbacks, leads};
        use diesel::prelude::*;
        use soft_delete::prelude::*;

        #[derive(Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = leads)]
        pub struct Lead {
            pub id: i64,
            pub name: String,
            pub deleted_at: Option<NaiveDateTime>,
            pub deletion_id: Option<DeletionId>,
        }

        #[derive(Queryable, Selectable, Identifiable, Associations, SoftDelete)]
        #[diesel(table_name = callbacks, belongs_to(Lead))]
        pub struct Callback {
            pub id: i64,
            pub lead_id: i64,
            pub deleted_at: Option<NaiveDateTime>,
            pub deletion_id: Option<DeletionId>,
        }
    }

    pub mod schema {
        pub use super::tables::owners;

        soft_delete::scoped_tables! {
            pub use super::tables::{leads, callbacks};
        }
    }
}

#[allow(unused_imports)]
use db::{
    models::{Callback, Lead},
    schema::{callbacks, leads, owners},
};

#[allow(dead_code)]
fn connection() -> Result<SqliteConnection, Box<dyn std::error::Error>> {
    let mut conn = SqliteConnection::establish(":memory:")?;
    soft_delete::migrations::run(&mut conn)?;
    diesel::connection::SimpleConnection::batch_execute(
        &mut conn,
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, name TEXT NOT NULL, owner_id BIGINT, deleted_at TIMESTAMP, deletion_id TEXT);
         CREATE TABLE callbacks (id BIGINT PRIMARY KEY, lead_id BIGINT NOT NULL, deleted_at TIMESTAMP, deletion_id TEXT);
         CREATE TABLE owners (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
         INSERT INTO leads (id, name, owner_id) VALUES (1, 'Ada', 7), (2, 'Grace', 7);
         INSERT INTO callbacks (id, lead_id) VALUES (10, 1), (11, 1), (20, 2);
         INSERT INTO owners VALUES (7, 'Olga')",
    )?;
    Lead::soft_delete_by_id(&mut conn, 2, Actor::new("admin"))?;
    Callback::soft_delete_by_id(&mut conn, 10, Actor::new("admin"))?;
    Ok(conn)
}
