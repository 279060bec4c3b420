use diesel::prelude::*;

mod db {
    use soft_delete::prelude::*;

    mod schema {
        diesel::table! {
            leads (id) {
                id -> BigInt,
                deleted_at -> Nullable<Timestamp>,
            }
        }
    }

    pub mod leads {
        pub use super::schema::leads::columns::*;
    }

    #[derive(SoftDelete)]
    #[diesel(table_name = schema::leads)]
    pub struct Lead {
        pub id: i64,
        pub deleted_at: Option<NaiveDateTime>,
    }
}

use db::leads;

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let all = leads::table.select(leads::id).load::<i64>(&mut conn);
}
