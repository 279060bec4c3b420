use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        remark -> Nullable<Text>,
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
    #[soft_delete(deleted_by, deletion_reason)]
    remark: Option<String>,
}

fn main() {}
