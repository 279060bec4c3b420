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

    soft_delete::scoped_tables! {
        pub use schema::leads;
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
    diesel::insert_into(leads::table)
        .values(leads::id.eq(1))
        .execute(&mut conn)
        .unwrap();
}
