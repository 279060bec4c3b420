use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

pub fn main() {
    let lead = Lead {
        id: 1,
        deleted_at: None,
    };
    assert!(!lead.is_deleted(), "{}", lead.id);
}
