use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> Double,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: f64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
