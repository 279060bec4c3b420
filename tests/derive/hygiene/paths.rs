//! Models whose table, facade or surroundings are somewhere unusual.

use soft_delete::{Model as _, SoftDelete as _, prelude::NaiveDateTime};

mod a {
    pub(crate) mod b {
        diesel::table! {
            crm.leads (id) {
                id -> BigInt,
                deleted_at -> Nullable<Timestamp>,
            }
        }
    }
}

/// The facade by the name that Cargo was told.
mod facade_renamed {
    #[derive(renamed::SoftDelete)]
    #[diesel(table_name = crate::hygiene::paths::a::b::leads)]
    #[soft_delete(crate = ::renamed)]
    pub(super) struct Lead {
        pub(super) id: i64,
        pub(super) deleted_at: Option<chrono::NaiveDateTime>,
    }
}

/// The facade at a path of this crate.
mod facade_reexported {
    use crate::hygiene::reexported::soft_delete::SoftDelete;

    #[derive(SoftDelete)]
    #[diesel(table_name = super::a::b::leads)]
    #[soft_delete(crate = crate::hygiene::reexported::soft_delete)]
    pub(super) struct Lead {
        pub(super) id: i64,
        pub(super) deleted_at: Option<chrono::NaiveDateTime>,
    }
}

/// Diesel by another name; its own macros would not find it, ours does.
mod diesel_renamed {
    use ::diesel as orm;

    mod diesel {}

    pub(super) use self::orm::QueryDsl;

    #[derive(soft_delete::SoftDelete)]
    #[diesel(table_name = super::a::b::leads)]
    pub(super) struct Lead {
        pub(super) id: i64,
        pub(super) deleted_at: Option<chrono::NaiveDateTime>,
    }
}

#[test]
fn two_structs_on_one_table_by_any_path() {
    let leads = (
        facade_renamed::Lead {
            id: 1,
            deleted_at: None,
        },
        facade_reexported::Lead {
            id: 2,
            deleted_at: None,
        },
        diesel_renamed::Lead {
            id: 3,
            deleted_at: None,
        },
    );
    assert!(!leads.0.is_deleted() && !leads.1.is_deleted() && !leads.2.is_deleted());
    assert_eq!((leads.0.id, leads.1.id, leads.2.id), (1, 2, 3));
    for descriptor in [
        facade_renamed::Lead::descriptor(),
        facade_reexported::Lead::descriptor(),
        diesel_renamed::Lead::descriptor(),
    ] {
        assert_eq!(descriptor.name(), "crm.leads");
    }
    // What stands for Diesel is Diesel all the same.
    let _ = |query: a::b::leads::table| diesel_renamed::QueryDsl::find(query, 1);
}

#[test]
fn a_model_inside_a_function() {
    diesel::table! {
        drafts (id) {
            id -> Text,
            deleted_at -> Nullable<Timestamp>,
        }
    }

    #[derive(soft_delete::SoftDelete)]
    struct Draft {
        id: String,
        deleted_at: Option<NaiveDateTime>,
    }

    let draft = Draft {
        id: "a".into(),
        deleted_at: Some(NaiveDateTime::default()),
    };
    assert!(draft.is_deleted());
    assert_eq!(draft.id, "a");
    assert_eq!(Draft::descriptor().name(), "drafts");
}

#[test]
fn a_table_named_by_text_or_by_the_struct() {
    diesel::table! {
        blog_posts (id) {
            id -> Integer,
            deleted_at -> Nullable<Timestamp>,
        }
    }

    #[derive(soft_delete::SoftDelete)]
    struct BlogPost {
        id: i32,
        deleted_at: Option<NaiveDateTime>,
    }

    #[derive(soft_delete::SoftDelete)]
    #[diesel(table_name = "blog_posts")]
    struct Post {
        id: i32,
        deleted_at: Option<NaiveDateTime>,
    }

    let (one, other) = (
        BlogPost {
            id: 1,
            deleted_at: None,
        },
        Post {
            id: 1,
            deleted_at: None,
        },
    );
    assert_eq!(one.id, other.id);
    assert_eq!(one.deleted_at(), other.deleted_at());
    assert_eq!(BlogPost::descriptor().name(), Post::descriptor().name());
}
