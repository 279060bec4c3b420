//! A model among names that mean something else than usual.

use soft_delete::{Model as _, SoftDelete as _};

use super::sql;

pub(super) mod schema {
    diesel::table! {
        leads (id) {
            id -> BigInt,
            deleted_at -> Nullable<Timestamp>,
            deleted_by -> Nullable<Text>,
            deletion_reason -> Nullable<Text>,
            deletion_id -> Nullable<Text>,
            purge_after -> Nullable<Timestamp>,
            is_deleted -> Bool,
        }
    }
}

/// No prelude at all, and everything in it called otherwise.
#[no_implicit_prelude]
#[allow(
    dead_code,
    non_camel_case_types,
    reason = "these names are here to be in the way"
)]
mod without_prelude {
    mod std {}
    mod core {}
    mod alloc {}
    mod chrono {}
    mod diesel {}
    mod soft_delete {}
    mod renamed {}

    struct Option;
    struct Some;
    struct None;
    struct Result;
    struct String;
    struct Box;
    struct Default;
    struct Send;
    struct Sized;
    struct Retention;
    struct Descriptor;
    struct Model;
    struct Stamp;
    struct LazyLock;
    struct DateTime;
    struct Utc;
    struct bool;
    struct str;
    struct i32;
    struct i64;

    #[derive(::soft_delete::SoftDelete)]
    #[diesel(table_name = super::schema::leads)]
    #[soft_delete(
        retention = "12 hours",
        label = id,
        reason = required,
        audit = false,
        hooks = (),
    )]
    pub(super) struct Lead {
        pub(super) id: ::core::primitive::i64,
        pub(super) deleted_at: ::core::option::Option<::chrono::NaiveDateTime>,
        pub(super) deleted_by: ::core::option::Option<::std::string::String>,
        pub(super) deletion_reason: ::core::option::Option<::std::string::String>,
        pub(super) deletion_id: ::core::option::Option<::soft_delete::DeletionId>,
        pub(super) purge_after: ::core::option::Option<::chrono::NaiveDateTime>,
        pub(super) is_deleted: ::core::primitive::bool,
    }
}

#[test]
fn a_model_without_the_prelude() {
    let mut lead = without_prelude::Lead {
        id: 1,
        deleted_at: None,
        deleted_by: Some("me".into()),
        deletion_reason: Some("because".into()),
        deletion_id: None,
        purge_after: None,
        is_deleted: true,
    };
    assert!(!lead.is_deleted());
    assert_eq!(without_prelude::Lead::descriptor().name(), "leads");
    lead.set_stamp(&soft_delete::Stamp::default());
    assert_eq!(
        (lead.deleted_by, lead.deletion_reason, lead.is_deleted),
        (None, None, false)
    );
    let _ = (lead.id, lead.deletion_id, lead.purge_after);
}

/// Traits that have every method of the derive, for every type.
mod clashing_methods {
    #[allow(dead_code, reason = "these methods are here to be in the way")]
    trait Clash {
        fn retention() {}
        fn descriptor() {}
        fn retention_policy(&self) {}
        fn declared_retention() {}
        fn deleted_at(&self) {}
        fn purge_after(&self) {}
        fn key_binds(&self) {}
        fn set(&mut self) {}
        fn instant(&self) {}
        fn fits() {}
        fn as_deref(&self) {}
        fn is_some(&self) {}
        fn active() {}
    }
    impl<T: ?Sized> Clash for T {}

    #[derive(diesel::Queryable, diesel::Selectable, soft_delete::SoftDelete)]
    #[diesel(table_name = super::schema::leads)]
    #[soft_delete(retention = "forever", has_query)]
    pub(super) struct Lead {
        pub(super) id: i64,
        pub(super) deleted_at: Option<chrono::NaiveDateTime>,
        pub(super) deleted_by: Option<String>,
        pub(super) purge_after: Option<chrono::NaiveDateTime>,
        pub(super) is_deleted: bool,
    }

    impl Lead {
        #[allow(dead_code, reason = "the derive must not call it")]
        fn retention() {}
        #[allow(dead_code, reason = "the derive must not call it")]
        fn active() {}
    }
}

#[test]
fn a_model_among_traits_with_the_same_methods() {
    use clashing_methods::Lead;
    assert_eq!(
        Lead::descriptor().retention_policy(),
        soft_delete::Retention::Forever
    );
    let query = <Lead as diesel::HasQuery<diesel::sqlite::Sqlite>>::query();
    assert_eq!(
        sql(&query),
        "SELECT `leads`.`id`, `leads`.`deleted_at`, `leads`.`deleted_by`, `leads`.`purge_after`, `leads`.`is_deleted` \
         FROM `leads` WHERE (`leads`.`deleted_at` IS NULL)"
    );
    let lead = Lead {
        id: 1,
        deleted_at: None,
        deleted_by: None,
        purge_after: None,
        is_deleted: false,
    };
    let _ = (lead.id, lead.deleted_by, lead.purge_after, lead.is_deleted);
    assert_eq!(lead.deleted_at, None);
}

/// `use table::dsl::*` makes every column a type and a value of that name.
mod columns_in_scope {
    use diesel::prelude::*;
    use soft_delete::prelude::*;

    diesel::table! {
        cars (id) {
            id -> BigInt,
            model -> Text,
            stamp -> Text,
            actor -> Text,
            inner -> Text,
            part -> Text,
            __sd -> Text,
            __actor_of -> Text,
            retention -> Text,
            descriptor -> Text,
            deleted_at -> Nullable<Timestamp>,
            deleted_by -> Nullable<Text>,
        }
    }
    use self::cars::dsl::*;

    #[derive(Queryable, Selectable, SoftDelete)]
    #[soft_delete(label = model)]
    #[allow(dead_code, reason = "only the names matter")]
    pub(super) struct Car {
        pub(super) id: i64,
        pub(super) model: String,
        pub(super) stamp: String,
        pub(super) actor: String,
        pub(super) inner: String,
        pub(super) part: String,
        pub(super) __sd: String,
        pub(super) __actor_of: String,
        pub(super) retention: String,
        pub(super) descriptor: String,
        pub(super) deleted_at: Option<NaiveDateTime>,
        pub(super) deleted_by: Option<String>,
    }

    pub(super) fn models_of_deleted_cars() -> String {
        super::sql(&Car::only_deleted().select(model))
    }
}

#[test]
fn a_model_among_its_own_columns() {
    use columns_in_scope::{Car, models_of_deleted_cars};
    assert_eq!(Car::descriptor().label_column(), Some("model"));
    assert_eq!(
        models_of_deleted_cars(),
        "SELECT `cars`.`model` FROM `cars` WHERE (`cars`.`deleted_at` IS NOT NULL)"
    );
    assert!(Car::actor_fits("anyone"));
}

mod raw_identifiers {
    use diesel::prelude::*;
    use soft_delete::prelude::*;

    diesel::table! {
        r#match (r#type) {
            r#type -> BigInt,
            r#fn -> Text,
            r#where -> Nullable<Timestamp>,
            r#as -> Nullable<Text>,
            r#in -> Text,
        }
    }

    #[derive(Queryable, Selectable, SoftDelete)]
    #[diesel(table_name = r#match, primary_key(r#type))]
    #[soft_delete(label = r#fn)]
    pub(super) struct Match {
        pub(super) r#type: i64,
        pub(super) r#fn: String,
        #[soft_delete(deleted_at)]
        pub(super) r#where: Option<NaiveDateTime>,
        #[soft_delete(deleted_by)]
        pub(super) r#as: Option<String>,
        #[diesel(column_name = "in")]
        pub(super) within: String,
    }

    /// The same table, with the columns named as texts.
    #[derive(Queryable, Selectable, SoftDelete)]
    #[diesel(table_name = r#match, primary_key(r#type))]
    #[soft_delete(label = name)]
    pub(super) struct Named {
        #[diesel(column_name = "type")]
        pub(super) key: i64,
        #[diesel(column_name = "fn")]
        pub(super) name: String,
        #[diesel(column_name = r#where)]
        pub(super) deleted_at: Option<NaiveDateTime>,
    }
}

#[test]
fn a_model_of_keywords() {
    use diesel::QueryDsl as _;
    use raw_identifiers::{Match, Named, r#match};
    use soft_delete::Scopes as _;
    for descriptor in [Match::descriptor(), Named::descriptor()] {
        assert_eq!(
            descriptor.key_columns()[0].name(),
            <r#match::r#type as diesel::Column>::NAME
        );
        assert_eq!(
            descriptor.label_column(),
            Some(<r#match::r#fn as diesel::Column>::NAME)
        );
    }
    assert_eq!(
        sql(&Match::active().select(r#match::r#in)),
        "SELECT `match`.`in` FROM `match` WHERE (`match`.`where` IS NULL)"
    );
    let row = Match {
        r#type: 1,
        r#fn: String::new(),
        r#where: None,
        r#as: None,
        within: String::new(),
    };
    assert!(!row.is_deleted());
    let _ = (row.r#type, row.r#fn, row.r#as, row.within);
    let row = Named {
        key: 1,
        name: String::new(),
        deleted_at: None,
    };
    assert!(!row.is_deleted());
    let _ = (row.key, row.name);
}
