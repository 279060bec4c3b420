//! Derived code under the lints of a strict program: it raises none, and needs no `allow` that a `forbid` would refuse.
//!
//! Compiling this module is the test; `cargo clippy` makes it the full one.

use soft_delete::{Model as _, Scopes as _, SoftDelete};

mod schema {
    #![allow(missing_docs, unreachable_pub, reason = "the macro is Diesel's")]

    diesel::table! {
        leads (tenant, number) {
            tenant -> BigInt,
            number -> BigInt,
            name -> Text,
            deleted_at -> Nullable<TimestamptzSqlite>,
            deleted_by -> Nullable<Text>,
            deletion_reason -> Nullable<Text>,
            deletion_id -> Nullable<Text>,
            purge_after -> Nullable<Timestamp>,
            is_deleted -> Bool,
        }
    }
}

mod strict {
    //! A model with everything.
    #![deny(
        warnings,
        let_underscore,
        nonstandard_style,
        rust_2018_idioms,
        unused,
        absolute_paths_not_starting_with_crate,
        ambiguous_negative_literals,
        elided_lifetimes_in_paths,
        explicit_outlives_requirements,
        ffi_unwind_calls,
        let_underscore_drop,
        macro_use_extern_crate,
        meta_variable_misuse,
        missing_copy_implementations,
        missing_debug_implementations,
        missing_docs,
        redundant_imports,
        redundant_lifetimes,
        single_use_lifetimes,
        trivial_casts,
        trivial_numeric_casts,
        unit_bindings,
        unnameable_types,
        unreachable_pub,
        unsafe_code,
        unstable_features,
        unused_import_braces,
        unused_lifetimes,
        unused_macro_rules,
        unused_results,
        variant_size_differences,
        clippy::all,
        clippy::pedantic,
        clippy::nursery,
        clippy::cargo,
        clippy::absolute_paths,
        clippy::allow_attributes,
        clippy::allow_attributes_without_reason,
        clippy::arbitrary_source_item_ordering,
        clippy::default_numeric_fallback,
        clippy::else_if_without_else,
        clippy::empty_structs_with_brackets,
        clippy::exhaustive_structs,
        clippy::implicit_return,
        clippy::indexing_slicing,
        clippy::min_ident_chars,
        clippy::missing_docs_in_private_items,
        clippy::missing_inline_in_public_items,
        clippy::missing_trait_methods,
        clippy::partial_pub_fields,
        clippy::pattern_type_mismatch,
        clippy::question_mark_used,
        clippy::renamed_function_params,
        clippy::same_name_method,
        clippy::shadow_reuse,
        clippy::shadow_same,
        clippy::shadow_unrelated,
        clippy::single_call_fn,
        clippy::single_char_lifetime_names,
        clippy::std_instead_of_core,
        clippy::unwrap_used
    )]
    #![forbid(unused_qualifications, non_camel_case_types, non_upper_case_globals)]

    /// The table without its `table`.
    pub(super) mod scoped {
        soft_delete::scoped_tables! {
            pub(in super::super) use super::super::schema::leads;
        }
    }

    use chrono::{DateTime, NaiveDateTime, Utc};
    use soft_delete::{DeletionId, SoftDelete};

    // The columns are in scope by their own names too, which makes the table's name before them superfluous.
    use super::schema::leads::{self, dsl::*};

    /// Some columns by their own names.
    pub(super) const COLUMNS: (deleted_at, deleted_by, name) = (deleted_at, deleted_by, name);

    /// A model with everything.
    #[derive(Debug, SoftDelete)]
    #[diesel(table_name = leads, primary_key(tenant, number))]
    #[soft_delete(
        retention = "30 days",
        label = name,
        reason = required,
        audit = false,
        hooks = ((), ()),
        has_query,
        crate = ::renamed
    )]
    pub(super) struct Lead {
        /// The mark.
        pub(super) deleted_at: Option<DateTime<Utc>>,
        /// Who.
        pub(super) deleted_by: Option<String>,
        /// In which operation.
        pub(super) deletion_id: Option<DeletionId>,
        /// Why.
        pub(super) deletion_reason: Option<String>,
        /// The legacy flag.
        pub(super) is_deleted: bool,
        /// The label.
        pub(super) name: String,
        /// Part of the key.
        pub(super) number: i64,
        /// When the row becomes due.
        pub(super) purge_after: Option<NaiveDateTime>,
        /// Part of the key.
        pub(super) tenant: i64,
    }
}

// Diesel's derive would not pass the lints.
impl<DB: diesel::backend::Backend> diesel::Selectable<DB> for strict::Lead {
    type SelectExpression = (schema::leads::tenant, schema::leads::number);

    fn construct_selection() -> Self::SelectExpression {
        (schema::leads::tenant, schema::leads::number)
    }
}

#[test]
fn a_strict_program_compiles() {
    use diesel::query_dsl::methods::SelectDsl as _;
    let lead = strict::Lead {
        deleted_at: None,
        deleted_by: None,
        deletion_id: None,
        deletion_reason: None,
        is_deleted: false,
        name: "Ada".into(),
        number: 2,
        purge_after: None,
        tenant: 1,
    };
    assert!(!SoftDelete::is_deleted(&lead));
    assert_eq!((lead.tenant, lead.number, lead.name.as_str()), (1, 2, "Ada"));
    assert_eq!(strict::Lead::descriptor().key_columns().len(), 2);
    let _ = strict::Lead::active().select(strict::COLUMNS);
    let _ = strict::Lead::active().select(strict::scoped::leads::all_columns);
}
