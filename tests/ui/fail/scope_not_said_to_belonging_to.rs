use diesel::prelude::*;

mod db {
    use diesel::prelude::*;
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

    #[derive(Identifiable, SoftDelete)]
    #[diesel(table_name = schema::leads)]
    pub struct Lead {
        pub id: i64,
        pub deleted_at: Option<NaiveDateTime>,
    }

    // Without `Identifiable`, which would let it begin a query of its own.
    #[derive(Associations, SoftDelete)]
    #[diesel(table_name = schema::callbacks, belongs_to(Lead))]
    pub struct Callback {
        pub id: i64,
        pub lead_id: i64,
        pub deleted_at: Option<NaiveDateTime>,
    }
}

use db::{Callback, Lead};

fn main() {
    let lead = Lead {
        id: 1,
        deleted_at: None,
    };
    let callbacks = Callback::belonging_to(&lead);
}
