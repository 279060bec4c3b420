use soft_delete::prelude::*;

diesel::table! {
    leads (number) {
        number -> BigInt,
        name -> Text,
        remover -> Nullable<Text>,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
#[soft_delete(retention = "0 days", label = nmae, audit = true)]
struct Lead {
    number: i64,
    name: String,
    #[soft_delete(deletedby)]
    remover: Option<String>,
    deleted_at: DateTime<Utc>,
}

fn main() {}
