use diesel::prelude::*;
use soft_delete::prelude::*;

mod db {
    use soft_delete::prelude::*;

    mod schema {
        diesel::table! {
            leads (id) {
                id -> BigInt,
                deleted_at -> Nullable<Timestamp>,
            }
        }
        diesel::table! {
            callbacks (id) {
                id -> BigInt,
                lead_id -> BigInt,
                deleted_at -> Nullable<Timestamp>,
            }
        }
        diesel::joinable!(callbacks -> leads (lead_id));
        diesel::allow_tables_to_appear_in_same_query!(leads, callbacks);
    }

    soft_delete::scoped_tables! {
        pub use schema::{leads, callbacks};
    }

    #[derive(SoftDelete)]
    #[diesel(table_name = schema::leads)]
    pub struct Lead {
        pub id: i64,
        pub deleted_at: Option<NaiveDateTime>,
    }
}

use db::{Lead, callbacks, leads};

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let called = Lead::active()
        .filter(leads::id.eq_any(callbacks::table.select(callbacks::lead_id)))
        .select(leads::id)
        .load::<i64>(&mut conn);
}
