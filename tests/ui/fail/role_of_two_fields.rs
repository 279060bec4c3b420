use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        remover -> Nullable<Text>,
        culprit -> Nullable<Text>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    #[soft_delete(deleted_by)]
    remover: Option<String>,
    #[soft_delete(deleted_by)]
    culprit: Option<String>,
}

fn main() {}
