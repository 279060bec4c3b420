use soft_delete::prelude::*;

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

struct Guard;

impl Guard {
    fn new() -> Self {
        Self
    }
}

impl soft_delete::AuditHook for Guard {}

#[derive(SoftDelete)]
#[soft_delete(hooks = Guard::new())]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
