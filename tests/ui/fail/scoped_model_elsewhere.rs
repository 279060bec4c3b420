use soft_delete::prelude::*;

mod db {
    mod schema {
        diesel::table! {
            leads (id) {
                id -> BigInt,
                deleted_at -> Nullable<Timestamp>,
            }
        }
    }

    soft_delete::scoped_tables! {
        pub use schema::leads;
    }
}

use db::leads;

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
