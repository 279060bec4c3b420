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
        pub use schema::leads as people;
    }
}

fn main() {}
