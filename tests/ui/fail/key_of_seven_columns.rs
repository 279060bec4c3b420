use soft_delete::prelude::*;

diesel::table! {
    leads (a, b, c, d, e, f, g) {
        a -> BigInt,
        b -> BigInt,
        c -> BigInt,
        d -> BigInt,
        e -> BigInt,
        f -> BigInt,
        g -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(SoftDelete)]
#[diesel(primary_key(a, b, c, d, e, f, g))]
struct Lead {
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    e: i64,
    f: i64,
    g: i64,
    deleted_at: Option<NaiveDateTime>,
}

fn main() {}
